import { EventEmitter, on, once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'

export interface Mailbox {
  readonly url: string
  /** Resolves with the subject and text of the next mail to the address. Rejects if none comes within 30 seconds. */
  next(address: string): Promise<string>
  close(): Promise<void>
}

/** Opens a real SMTP server on a port of its own, which keeps the mails it gets. */
export async function openMailbox(): Promise<Mailbox> {
  const mails = new Map<string, string>()
  const arrivals = new EventEmitter()
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, session, done) => {
      buffer(stream)
        .then((bytes) => PostalMime.parse(bytes))
        .then(({ subject, text }) => {
          for (const { address } of session.envelope.rcptTo)
            mails.set(address, `Subject: ${subject}\n\n${text}`)
          arrivals.emit('mail')
          done()
        }, done)
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `smtp://127.0.0.1:${port}`,
    next: async (to) => {
      const arriving = on(arrivals, 'mail', { signal: AbortSignal.timeout(30_000) })
      for (;;) {
        const mail = mails.get(to)
        if (mail !== undefined) {
          mails.delete(to)
          await arriving.return?.()
          return mail
        }
        await arriving.next()
      }
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
