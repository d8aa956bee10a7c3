import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { Client } from 'pg'
import t from 'tap'
import { startSmtp } from '../support/smtp.ts'
import { stopwatch } from '../support/stopwatch.ts'
import { codesIn, openScene, type Scene, until } from './scene.ts'

t.test('a mail server that hangs does not hold up the stop, and the mail goes later', async (t) => {
  const smtp = await startSmtp(t)
  smtp.answer = 'hang'
  const scene = await openScene(t, { smtpUrl: smtp.url })
  const worker = await scene.work()
  const invitation = await scene.invite('bob@example.com')
  await smtp.arrived(1)
  const clock = stopwatch()
  await worker.stop()
  t.ok(clock() < 5_500, 'it stopped in time')
  t.match(await scene.jobs(), [{ locked_at: null, attempts: 1 }], 'the job is free for the next worker')

  smtp.answer = 'take'
  await scene.hurry()
  await scene.work()
  await until('it is sent', async () => (await scene.read(invitation)).delivery === 'sent')
})

t.test('an idle worker stops at once', async (t) => {
  const scene = await openScene(t)
  const worker = await scene.work()
  const invitation = await scene.invite('bob@example.com')
  await until('it is sent', async () => (await scene.read(invitation)).delivery === 'sent')
  const clock = stopwatch()
  await worker.stop()
  t.ok(clock() < 1_000)
})

t.test('a worker killed after the mail went leaves a job that the next worker takes up', async (t) => {
  const smtp = await startSmtp(t)
  smtp.answer = 'hang'
  const scene = await openScene(t, { smtpUrl: smtp.url })
  const victim = spawn(process.execPath, [join(import.meta.dirname, 'worker-process.ts')], {
    env: { ...process.env, DATABASE_URL: scene.url, SMTP_URL: smtp.url },
    stdio: 'inherit',
  })
  t.teardown(() => victim.kill('SIGKILL'))
  const invitation = await scene.invite('bob@example.com')
  await smtp.arrived(1)
  victim.kill('SIGKILL')
  await once(victim, 'exit')

  smtp.answer = 'take'
  const [left] = await scene.jobs()
  t.ok(left?.locked_at, 'the dead worker still holds the job')
  await scene.db.sql.execute(
    sql`update graphile_worker._private_jobs set locked_at = now() - interval '3 minutes 1 second'`,
  )
  await scene.work()
  const received = await smtp.arrived(2)
  await until('it is sent', async () => (await scene.read(invitation)).delivery === 'sent')
  t.equal(new Set(received.map(({ mail }) => mail.messageId)).size, 1, 'a mailbox knows it as the same mail')
  for (const code of codesIn(received)) t.match(await scene.preview(code), { id: invitation.id })
})

t.test('two workers send each mail once', async (t) => {
  const smtp = await startSmtp(t)
  const scene = await openScene(t, { smtpUrl: smtp.url })
  await scene.work()
  await scene.work()
  const addresses = Array.from({ length: 20 }, (_, number) => `person${number}@example.com`)
  await Promise.all(addresses.map((address) => scene.invite(address)))
  await until('all jobs are done', async () => (await scene.jobs()).length === 0)
  t.same(smtp.received.flatMap(({ to }) => to).sort(), addresses.sort())
})

t.test(
  'a database that goes away in the middle of a job and comes back finds the worker there',
  async (t) => {
    const smtp = await startSmtp(t)
    const { promise: away, resolve: goOn } = Promise.withResolvers<void>()
    smtp.answer = away
    const scene = await openScene(t, { smtpUrl: smtp.url })
    await scene.work()
    const caught = await scene.invite('caught@example.com')
    await smtp.arrived(1)

    const comeBack = await goAway(scene)
    goOn()
    await until('the queue has ended', () => scene.log.some((line) => line.includes('begins again')))
    await comeBack()

    smtp.answer = 'take'
    const next = await scene.invite('next@example.com')
    await until('the next is sent', async () => (await scene.read(next)).delivery === 'sent')
    await until('its job is free again', async () =>
      (await scene.jobs()).every((job) => job.locked_at === null),
    )
    await scene.hurry()
    await until('the caught one is sent', async () => (await scene.read(caught)).delivery === 'sent')
  },
)

t.test('a worker that begins while its database is away works when it comes', async (t) => {
  const scene = await openScene(t)
  const invitation = await scene.invite('bob@example.com')
  const comeBack = await goAway(scene)
  await scene.work()
  await until('it has tried', () => scene.log.some((line) => line.includes('begins again')))
  await comeBack()
  await until('it is sent', async () => (await scene.read(invitation)).delivery === 'sent')
})

t.test('a database that is away does not hold up the stop', async (t) => {
  const scene = await openScene(t)
  const worker = await scene.work()
  const invitation = await scene.invite('bob@example.com')
  await until('it is sent', async () => (await scene.read(invitation)).delivery === 'sent')
  const comeBack = await goAway(scene)
  const clock = stopwatch()
  await worker.stop()
  t.ok(clock() < 5_500)
  await comeBack()
})

/** Nobody can connect to the scene's database any more, and who was connected is cut off; until it comes back. */
async function goAway({ url }: Scene): Promise<() => Promise<void>> {
  const server = new Client({ connectionString: process.env.TEST_DATABASE_URL })
  await server.connect()
  const name = server.escapeIdentifier(new URL(url).pathname.slice(1))
  await server.query(`alter database ${name} allow_connections false`)
  await server.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
    new URL(url).pathname.slice(1),
  ])
  return async () => {
    await server.query(`alter database ${name} allow_connections true`)
    await server.end()
  }
}
