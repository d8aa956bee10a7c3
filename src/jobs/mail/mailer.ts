import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport, type SendMailOptions } from 'nodemailer'
import type { NodemailerError } from 'nodemailer/lib/errors'
import { encodeWord } from 'nodemailer/lib/mime-funcs'
import { domainOf } from '../../domain/users/email.ts'
import type { Log } from '../log.ts'

export interface Mail {
  /** Identifies the mail for good: a mailbox recognises a second copy by it. */
  readonly id: string
  readonly createdAt: Date
  /** One address, as it goes to the server. */
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

export interface Mailer {
  /** Resolves when the server has taken the mail. @throws MailError */
  send(mail: Mail, signal?: AbortSignal): Promise<void>
  /** Drops the connections, and with them the mails that are still under way. */
  close(): void
}

export interface MailSettings {
  /** Null writes each mail into a file under `dataDir`. */
  readonly smtpUrl: string | null
  readonly from: { readonly name: string; readonly address: string }
  readonly dataDir: string
}

/** The mail was not sent. The message holds none of the server's words: they may quote the mail, and so the code. */
export class MailError extends Error {
  /** True when the server refused this mail, and would refuse it again. */
  readonly permanent: boolean

  constructor({ code, command, responseCode, response, permanent = false, originalCode }: NodemailerError) {
    const status = response?.match(/^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/)?.[1]
    const reason = [originalCode ?? code, command, responseCode, status].filter(Boolean).join(' ')
    super(`the mail did not go: ${reason}`)
    this.name = 'MailError'
    this.permanent = permanent && ABOUT_THE_MAIL.test(command ?? '') && responseCode !== LOGIN_REQUIRED
    this.stack = ''
  }
}

// A refused login, greeting or sender is a fault of the settings, which the operator may be mending.
const ABOUT_THE_MAIL = /^(RCPT TO|DATA)$/
const LOGIN_REQUIRED = 530

/** Sends by SMTP, or writes files that a mail program opens. */
export function openMailer(settings: MailSettings, log: Log): Mailer {
  return settings.smtpUrl === null ? openFolder(settings, log) : openSmtp(settings, settings.smtpUrl)
}

function openSmtp({ from }: MailSettings, url: string): Mailer {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 16,
    maxRequeues: 1,
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
    dnsTimeout: 5_000,
    socketTimeout: 15_000,
    socketCloseTimeout: 1_000,
    idleTimeout: 30_000,
  })
  return {
    send: async (mail, signal) => {
      await transport.sendMail({ ...compose(mail, from), signal }).catch((error: NodemailerError) => {
        throw new MailError(error)
      })
    },
    close: () => transport.close({ force: true }),
  }
}

/** A retry overwrites its own file. The files hold working codes, so only their owner may read them. */
function openFolder({ dataDir, from }: MailSettings, log: Log): Mailer {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  const folder = join(dataDir, 'mail')
  return {
    send: async (mail) => {
      const { message } = await transport.sendMail(compose(mail, from))
      const file = join(folder, `${mail.createdAt.toISOString().replaceAll(':', '-')}-${mail.id}.eml`)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await writeFile(`${file}.part`, message, { mode: 0o600 })
      await rename(`${file}.part`, file)
      log.info({ file }, 'a mail was written')
    },
    close: () => {},
  }
}

/** Passes addresses as objects, in the envelope too: nodemailer parses strings, and one could name more recipients. */
function compose(mail: Mail, from: MailSettings['from']): SendMailOptions {
  // Copies, because nodemailer writes into its arguments and the configuration is frozen.
  const sender = { ...from }
  const to = { name: '', address: mail.to }
  return {
    messageId: `<${mail.id}@${domainOf(from.address)}>`,
    date: new Date(),
    from: sender,
    to,
    envelope: { from: sender, to },
    subject: asTyped(mail.subject),
    text: mail.text,
    html: mail.html,
    headers: { 'Auto-Submitted': 'auto-generated' },
    textEncoding: 'quoted-printable',
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

/** Encodes text that looks like an encoded word (RFC 2047) once more, because a mail program would decode it. */
function asTyped(subject: string): string {
  return subject.includes('=?') ? encodeWord(subject, 'B', 52) : subject
}
