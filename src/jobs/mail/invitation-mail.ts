import type { Role } from '../../domain/roles.ts'
import { type Html, html } from './html.ts'

export interface InvitationMail {
  /** Name of the sender; empty where `MAIL_FROM` is only an address. */
  readonly product: string
  readonly orgName: string
  readonly inviterName: string | null
  readonly role: Role
  readonly message: string | null
  readonly code: string
  readonly acceptUrl: string
  readonly expiresAt: Date
}

interface MailContent {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Writes the mail to the person invited. Text and HTML say the same, and what people typed stays text in both. */
export function invitationMail(invitation: InvitationMail): MailContent {
  const story = tell(invitation)
  return { subject: story.heading, text: asText(story), html: asHtml(story).toString() }
}

interface Story {
  readonly heading: string
  readonly opening: string
  readonly message: { readonly from: string; readonly lines: readonly string[] } | null
  readonly acceptUrl: string
  readonly code: string
  readonly until: string
}

const AS: Record<Role, string> = {
  admin: 'as an Admin',
  accounting: 'with the Accounting role',
  member: 'as a Member',
}

function tell({ product, message, role, code, acceptUrl, expiresAt, ...names }: InvitationMail): Story {
  const place = product ? ` on ${product}` : ''
  const org = oneLine(names.orgName) || 'an organisation'
  const inviter = oneLine(names.inviterName ?? '')
  return {
    heading: inviter ? `${inviter} invites you to join ${org}` : `You are invited to join ${org}`,
    opening: `${inviter || 'Somebody'} would like you to join ${org}${place} ${AS[role]}.`,
    message: message?.trim() ? { from: inviter || 'whoever invited you', lines: linesOf(message) } : null,
    acceptUrl,
    code,
    until: `${UNTIL.format(expiresAt)} UTC`,
  }
}

const UNTIL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone: 'UTC' })

const CODE_HINT = 'Or type this code where you are asked for one:'
const IGNORE = 'If you did not expect this, ignore it: nothing happens unless you accept.'

function asText({ opening, message, acceptUrl, code, until }: Story): string {
  const quoted = message && [`A message from ${message.from}:`, ...message.lines.map((line) => `> ${line}`)]
  return [
    opening,
    quoted?.join('\n'),
    `Accept the invitation:\n${acceptUrl}`,
    `${CODE_HINT}\n${code}`,
    `The invitation is open until ${until}.`,
    IGNORE,
  ]
    .filter((paragraph) => paragraph)
    .join('\n\n')
    .concat('\n')
}

const FONT = html`font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif`

// Tables and inline styles, because mail programs support little else. The style sheet is for those with a dark mode.
function asHtml({ heading, opening, message, acceptUrl, code, until }: Story): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no">
<title>${heading}</title>
<style>
:root { color-scheme: light dark }
@media (prefers-color-scheme: dark) {
  .page { background: #16181d !important }
  .card { background: #22252c !important; border-color: #343842 !important }
  .ink { color: #f0f1f4 !important }
  .soft { color: #a9afbc !important }
  .quote { background: #2b2f38 !important; border-color: #8792ff !important; color: #f0f1f4 !important }
  .code { background: #2b2f38 !important; border-color: #454b58 !important; color: #f0f1f4 !important }
  .link { color: #a5adff !important }
}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f3f4f7">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f3f4f7">
<tr><td align="center" style="padding:32px 16px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;background:#ffffff;border:1px solid #e1e3e9;border-radius:12px">
<tr><td class="ink" style="padding:36px 36px 32px;${FONT};font-size:16px;line-height:1.55;color:#1d2027;overflow-wrap:anywhere;word-break:break-word">
<h1 style="margin:0 0 12px;font-size:22px;line-height:1.3;font-weight:650">${heading}</h1>
<p style="margin:0 0 24px">${opening}</p>
${message && quote(message)}
<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 24px">
<tr><td bgcolor="#4453e6" style="background:#4453e6;border-radius:8px">
<a href="${acceptUrl}" style="display:inline-block;padding:13px 26px;${FONT};font-size:16px;font-weight:600;color:#ffffff;text-decoration:none">Accept the invitation</a>
</td></tr></table>
<p class="soft" style="margin:0 0 4px;font-size:14px;color:#5c6270">If the button does nothing, open this link:</p>
<p style="margin:0 0 24px;font-size:14px"><a class="link" href="${acceptUrl}" style="color:#3643c9;word-break:break-all">${acceptUrl}</a></p>
<p class="soft" style="margin:0 0 8px;font-size:14px;color:#5c6270">${CODE_HINT}</p>
<p class="code" style="margin:0 0 24px;padding:12px 14px;background:#f3f4f7;border:1px solid #e1e3e9;border-radius:8px;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:16px;letter-spacing:.04em;text-align:center;color:#1d2027">${code}</p>
<p style="margin:0;font-size:14px">The invitation is open until <strong>${until}</strong>.</p>
</td></tr></table>
<p class="soft" style="max-width:560px;margin:20px 0 0;${FONT};font-size:13px;line-height:1.5;color:#5c6270">${IGNORE}</p>
</td></tr></table>
</body>
</html>
`
}

function quote({ from, lines }: NonNullable<Story['message']>): Html {
  return html`<p class="soft" style="margin:0 0 8px;font-size:14px;color:#5c6270">A message from ${from}:</p>
<blockquote class="quote" dir="auto" style="margin:0 0 28px;padding:12px 16px;background:#f6f7fb;border-left:3px solid #4453e6;border-radius:4px;color:#1d2027">${lines.map((line) => html`${line}<br>`)}</blockquote>`
}

/** Makes a name fit for a header or a sentence: one line, not too long, no characters that hide or reorder text. */
function oneLine(name: string): string {
  const visible = name
    .replace(INVISIBLE, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  if (visible.length <= 100) return visible
  let short = ''
  for (const { segment } of new Intl.Segmenter().segment(visible)) {
    if (short.length + segment.length > 99) break
    short += segment
  }
  return `${short}…`
}

function linesOf(message: string): string[] {
  return message
    .trim()
    .split(/\r\n|[\r\n\u2028\u2029]/)
    .map((line) => line.replace(INVISIBLE, '').replace(/\p{Cc}/gu, ' '))
}

// Direction controls, which could reorder the words around them, and zero-width characters.
const INVISIBLE = /[\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g
