import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { SMTPServer } from 'smtp-server'
import { onDatabase } from './contenders/durable-postgres.ts'
import { onStage, ROOT, stageMuster } from './contenders/stage.ts'
import { figure } from './figures/numbers.ts'
import { writePart } from './figures/performance-document.ts'
import { table } from './figures/table.ts'
import { Course } from './load/stint.ts'
import { type Operation, operationsOn } from './operations.ts'
import { USUAL } from './world.ts'

// Measures how mail keeps up while people are invited, at 80 % of the most invitations by mail: how many mails are out
// when the last call is answered, and how long the rest takes. `npm run bench:mail -- --quick`.

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    start: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})
const SHARE = 0.8
const seconds = values.quick ? 4 : 15
// Milliseconds without a mail after which the rest counts as lost.
const PATIENCE = 60_000

interface Mailbox {
  readonly port: number
  mails: number
  /** Time of the last mail. */
  at: number
  close(): Promise<void>
}

await onStage(async (stage, open) => {
  const mailbox = await listen()
  open.defer(() => mailbox.close())
  const env = { SMTP_URL: `smtp://127.0.0.1:${mailbox.port}`, MAIL_FROM: 'Muster <no-reply@example.com>' }
  const how = { name: 'muster', checkout: ROOT, command: values.start, env }
  const { contender, databaseUrl } = await stageMuster(open, stage, how, USUAL, 1)
  const course = new Course(stage.load, stage.postgres.pid, contender, invitingByMail())
  let wanted = 0
  const run = async (length: number, rate?: number) => {
    const stint = await course.run({ connections: 32, seconds: length, ...(rate && { rate }) })
    wanted += stint.answered
    return stint
  }
  const drained = async () => {
    await allHaveCome(mailbox, wanted)
    await noneIsQueued(databaseUrl)
  }

  await run(seconds / 2)
  await drained()
  const most = await run(seconds / 2)
  await drained()
  const before = mailbox.mails
  const begun = performance.now()
  const loaded = await run(seconds, most.rate * SHARE)
  const ended = performance.now()
  const out = mailbox.mails - before
  await drained()
  const rest = Math.max(mailbox.at - ended, 0) / 1000
  const text = table(
    [
      '',
      'at most req/s',
      'offered',
      'answered: p50 / p99 ms',
      'mails out by then',
      'the rest took',
      'mails a second',
    ],
    [
      [
        'invite by mail',
        figure(most.rate),
        figure(most.rate * SHARE),
        `${figure(loaded.p50, 1)} / ${figure(loaded.p99, 1)}`,
        `${figure(out)} of ${figure(loaded.answered)}`,
        `${figure(rest, 1)} s`,
        figure(loaded.answered / ((mailbox.at - begun) / 1000)),
      ],
    ],
  )
  console.log(text)
  if (values.write) writePart('Mail', text)
})

/** Starts a mail server that takes everything. */
async function listen(): Promise<Mailbox> {
  const smtp = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['AUTH', 'STARTTLS'], disableReverseLookup: true },
    onData: (stream, _session, done) => {
      stream.resume()
      stream.once('end', () => {
        mailbox.mails += 1
        mailbox.at = performance.now()
        done()
      })
    },
  })
  await once(smtp.listen(0, '127.0.0.1'), 'listening')
  const mailbox: Mailbox = {
    port: (smtp.server.address() as AddressInfo).port,
    mails: 0,
    at: performance.now(),
    close: () => new Promise((resolve) => smtp.close(() => resolve())),
  }
  return mailbox
}

function invitingByMail(): Operation {
  const [invite] = operationsOn(USUAL).filter(({ name }) => name === 'invite')
  if (!invite) throw new Error('there is nothing to invite by')
  return {
    ...invite,
    title: 'invite by mail',
    call: (n, secret) => {
      const call = invite.call(n, secret)
      return { ...call, body: { ...call.body, notify: true } }
    },
  }
}

async function allHaveCome(mailbox: Mailbox, wanted: number): Promise<void> {
  while (mailbox.mails < wanted) {
    if (performance.now() - mailbox.at > PATIENCE) throw new Error(`${mailbox.mails} of ${wanted} mails came`)
    await sleep(20)
  }
}

async function noneIsQueued(databaseUrl: string): Promise<void> {
  const queued = `select count(*) from invitations where delivery = 'queued'`
  await onDatabase(databaseUrl, async (client) => {
    while (Number((await client.query(queued)).rows[0].count) > 0) await sleep(50)
  })
}
