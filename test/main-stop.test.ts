import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'
import { SMTPServer } from 'smtp-server'
import t, { type Test } from 'tap'
import { until } from './jobs/scene.ts'
import { alicesOrg, onDatabase, startProcess } from './support/process.ts'
import { idle, silent } from './support/sockets.ts'
import { stopwatch } from './support/stopwatch.ts'

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

t.test('npm start passes SIGTERM on, and nothing is left running', async (t) => {
  const env = await onDatabase(t)
  const npm = startProcess(t, { ...env, HOME: t.testdir() }, ['npm', 'start', '--silent'])
  const url = await npm.url
  npm.kill('SIGTERM')
  await npm.ended
  await until('nobody answers', () =>
    fetch(`${url}/livez`).then(
      () => false,
      () => true,
    ),
  )
})

for (const signal of SIGNALS)
  t.test(`${signal} lets a running request and a running mail end, then it exits with 0`, async (t) => {
    const env = await onDatabase(t)
    const mails = await slowMailServer(t)
    const muster = startProcess(t, { ...env, SMTP_URL: mails.url })
    const url = await muster.url
    const { org, call } = await alicesOrg(url)
    const { body: invitation } = await call('POST', `${org}/invitations`, { email: 'bob@example.com' })
    await mails.arrived

    const database = await connectTo(t, env.DATABASE_URL)
    await database.query('begin')
    await database.query('select from orgs for update')
    const answer = call('PATCH', org, { name: 'Acme' })
    await until('the request waits for the lock', async () => {
      const { rowCount } = await database.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return rowCount === 1
    })
    for (const open of [await idle(url), await silent(url)]) t.teardown(() => open.destroy())

    const clock = stopwatch()
    muster.kill(signal)
    await until('nobody can connect any more', () =>
      fetch(`${url}/livez`).then(
        () => false,
        () => true,
      ),
    )
    for (const again of SIGNALS) muster.kill(again)
    await database.query('commit')
    t.match(await answer, { status: 200, body: { name: 'Acme' } })
    mails.answer()

    t.match(await muster.ended, { exit: 0, stderr: '' })
    t.ok(clock() < 8_000, 'within a few seconds, open connections or not')
    const { rows } = await database.query('select delivery from invitations where id = $1', [invitation.id])
    t.same(rows, [{ delivery: 'sent' }], 'the mail is known to have gone')
  })

t.test(
  'a request that comes over an open connection while it stops gets an answer of the contract',
  async (t) => {
    const muster = startProcess(t, await onDatabase(t))
    const url = await muster.url
    const connection = await silent(url)
    connection.write('GET /readyz HTTP/1.1\r\nHost: localhost\r\n')
    await fetch(`${url}/livez`)
    muster.kill('SIGTERM')
    await muster.says(/finishing what runs/)
    connection.end('\r\n')
    const answer = await text(connection)
    t.match(answer, /^HTTP\/1.1 503 /)
    t.match(answer, 'application/problem+json')
    t.match(answer, 'The service is stopping.')
    t.match(await muster.ended, { exit: 0 })
  },
)

t.test('nobody holds up the stop by a request that does not end', async (t) => {
  const muster = startProcess(t, await onDatabase(t))
  const connection = await idle(await muster.url)
  connection.write('GET /livez HTTP/1.1\r\nHost:')
  await setTimeout(100)
  const clock = stopwatch()
  muster.kill('SIGTERM')
  t.match(await muster.ended, { exit: 0 })
  t.ok(clock() < 20_000, 'before an orchestrator loses its patience')
})

/** Takes a mail, and says so only when it is told to. */
async function slowMailServer(t: Test) {
  const mail = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onData: (stream, _session, done) =>
      void text(stream)
        .then(() => mail.resolve())
        .then(() => gate.promise)
        .then(() => done()),
  })
  const listener = server.listen(0, '127.0.0.1')
  t.teardown(() => new Promise<void>((resolve) => server.close(resolve)))
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  return { url: `smtp://127.0.0.1:${port}`, arrived: mail.promise, answer: gate.resolve }
}

async function connectTo(t: Test, url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  return client
}
