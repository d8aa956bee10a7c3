import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server'
import type { Test } from 'tap'

export interface Received {
  readonly from: string
  readonly to: readonly string[]
  /** Exactly as sent over the wire. */
  readonly source: string
  readonly mail: Email
}

/**
 * `take` answers 250. All others except a refusal first read the whole mail: `hang` then stays silent, `drop` breaks
 * the connection, and a promise delays the 250. `quote` refuses the mail with its own text, as some filters do.
 */
export type Answer =
  | 'take'
  | 'hang'
  | 'drop'
  | 'quote'
  | 'quote later'
  | Promise<void>
  | { readonly refuse: 'sender' | 'recipient' | 'message'; readonly code: number; readonly text?: string }

export interface Smtp {
  readonly url: string
  readonly received: readonly Received[]
  answer: Answer
  /** Resolves with all mails once this many have come; rejects if they have not after two minutes. */
  arrived(count: number): Promise<readonly Received[]>
  /** Closes the port. A later start opens the same one. */
  stop(): Promise<void>
  start(): Promise<void>
}

/** A mail server on loopback, until the test ends. */
export async function startSmtp(t: Pick<Test, 'teardown'>): Promise<Smtp> {
  const received: Received[] = []
  const arrivals = new EventEmitter()
  let server = listen(0)
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  const smtp: Smtp = {
    url: `smtp://127.0.0.1:${port}`,
    received,
    answer: 'take',
    arrived: async (count) => {
      const signal = AbortSignal.timeout(120_000)
      while (received.length < count) await once(arrivals, 'mail', { signal })
      return received
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
    start: async () => {
      server = listen(port)
      await once(server.server, 'listening')
    },
  }
  t.teardown(() => smtp.stop())
  return smtp

  function listen(onPort: number): SMTPServer {
    const listening = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      closeTimeout: 50,
      disableReverseLookup: true,
      onMailFrom: (_address, _session, done) => done(refusal('sender')),
      onRcptTo: (_address, _session, done) => done(refusal('recipient')),
      onData: (stream, session, done) => void take(stream, session, done).catch(done),
    })
    // A client that breaks the connection is part of the tests.
    listening.on('error', () => {})
    listening.listen(onPort, '127.0.0.1')
    return listening
  }

  async function take(
    stream: SMTPServerDataStream,
    session: { envelope: { mailFrom: false | { address: string }; rcptTo: { address: string }[] } },
    done: (error?: Error | null) => void,
  ): Promise<void> {
    const source = await text(stream)
    const refused = refusal('message')
    if (refused) return done(refused)
    const { mailFrom, rcptTo } = session.envelope
    received.push({
      from: mailFrom ? mailFrom.address : '',
      to: rcptTo.map(({ address }) => address),
      source,
      mail: await PostalMime.parse(source),
    })
    arrivals.emit('mail')
    const { answer } = smtp
    if (answer === 'hang') return
    if (answer === 'quote' || answer === 'quote later')
      return done(quote(source, answer === 'quote' ? 554 : 451))
    if (answer === 'drop') for (const connection of server.connections) connection.close()
    await answer
    done()
  }

  function refusal(stage: 'sender' | 'recipient' | 'message'): Error | undefined {
    const { answer } = smtp
    if (typeof answer === 'string' || answer instanceof Promise || answer.refuse !== stage) return undefined
    return Object.assign(new Error(answer.text ?? 'no'), { responseCode: answer.code })
  }
}

function quote(source: string, responseCode: number): Error {
  const [link = ''] = /https:\S+#code=\S+/.exec(source.replaceAll('=\r\n', '').replaceAll('=3D', '=')) ?? []
  return Object.assign(new Error(`${link} is on a list`), { responseCode })
}
