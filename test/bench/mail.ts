import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { SMTPServer } from 'smtp-server'
import { onDatabase } from './contenders/durable-postgres.ts'
import { openStage, ROOT, stageMuster } from './contenders/stage.ts'
import { figure } from './figures/numbers.ts'
import { writePart } from './figures/performance-document.ts'
import { table } from './figures/table.ts'
import { Course } from './load/stint.ts'
import { operationsOn } from './operations.ts'
import { USUAL } from './world.ts'

// How mail keeps up while people are invited: at 80 % of the most invitations by mail, how many have gone out when the
// last one is answered, and how long the rest takes. `npm run bench:mail -- --quick`.

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    start: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})
const SHARE = 0.8
const seconds = values.quick ? 4 : 15
// Without a mail for so long, the rest is lost.
const PATIENCE = 60_000

await using open = new AsyncDisposableStack()
const taken = { mails: 0, at: performance.now() }
const smtp = new SMTPServer({
  ...{ authOptional: true, disabledCommands: ['AUTH', 'STARTTLS'], disableReverseLookup: true },
  onData: (stream, _session, done) => {
    stream.resume()
    stream.once('end', () => {
      taken.mails += 1
      taken.at = performance.now()
      done()
    })
  },
})
await once(smtp.listen(0, '127.0.0.1'), 'listening')
open.defer(() => new Promise<void>((resolve) => smtp.close(() => resolve())))
const { port } = smtp.server.address() as AddressInfo

const stage = await openStage(open)
const env = { SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: 'Muster <no-reply@example.com>' }
const { contender, databaseUrl } = await stageMuster(
  open,
  stage,
  { name: 'muster', checkout: ROOT, command: values.start, env },
  USUAL,
  1,
)
const [invite] = operationsOn(USUAL).filter(({ name }) => name === 'invite')
if (!invite) throw new Error('there is nothing to invite by')
const byMail = {
  ...invite,
  title: 'invite by mail',
  call: (n: number, secret: string) => {
    const call = invite.call(n, secret)
    return { ...call, body: { ...call.body, notify: true } }
  },
}
const course = new Course(stage.load, stage.postgres.pid, contender, byMail)
let wanted = 0
const run = async (rate?: number) => {
  const stint = await course.run({
    connections: 32,
    seconds: rate ? seconds : seconds / 2,
    ...(rate && { rate }),
  })
  wanted += stint.answered
  return stint
}

await run()
await drained()
const most = await run()
await drained()
const before = taken.mails
const begun = performance.now()
const loaded = await run(most.rate * SHARE)
const out = taken.mails - before
const ended = performance.now()
await drained()
const rest = (Math.max(taken.at, ended) - ended) / 1000
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
      byMail.title,
      figure(most.rate),
      figure(most.rate * SHARE),
      `${figure(loaded.p50, 1)} / ${figure(loaded.p99, 1)}`,
      `${figure(out)} of ${figure(loaded.answered)}`,
      `${figure(rest, 1)} s`,
      figure(loaded.answered / ((taken.at - begun) / 1000)),
    ],
  ],
)
console.log(text)
if (values.write) writePart('Mail', text)

/** Until every mail of an answered invitation has come, and is noted as sent. */
async function drained(): Promise<void> {
  while (taken.mails < wanted) {
    if (performance.now() - taken.at > PATIENCE) throw new Error(`${taken.mails} of ${wanted} mails came`)
    await sleep(20)
  }
  const queued = `select count(*) from invitations where delivery = 'queued'`
  await onDatabase(databaseUrl, async (client) => {
    while (Number((await client.query(queued)).rows[0].count) > 0) await sleep(50)
  })
}
