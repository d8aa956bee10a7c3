import { sql } from 'drizzle-orm'
import t from 'tap'
import { hashCode } from '../../../src/domain/invitations/code.ts'
import { startSmtp } from '../../support/smtp.ts'
import { codesIn, openScene, type Scene, until } from '../scene.ts'

t.test('no table, no job and no line of the log ever holds a code', async (t) => {
  const smtp = await startSmtp(t)
  const scene = await openScene(t, { smtpUrl: smtp.url })
  await scene.work()

  smtp.answer = 'hang'
  await scene.invite('slow@example.com')
  await smtp.arrived(1)
  t.match(await scene.jobs(), [{ attempts: 1 }], 'a mail is under way')
  const underWay = await dump(scene)

  smtp.answer = 'quote'
  const quoted = await scene.invite('quoted@example.com')
  await until('it failed', async () => (await scene.read(quoted)).delivery === 'failed')
  smtp.answer = 'quote later'
  await scene.invite('later@example.com')
  await until('it failed once', async () => (await scene.jobs()).some((job) => job.last_error !== null))
  smtp.answer = 'take'
  const sent = await scene.invite('sent@example.com')
  await until('it is sent', async () => (await scene.read(sent)).delivery === 'sent')

  const everything = [underWay, await dump(scene), ...scene.log].join('\n').toUpperCase()
  const codes = codesIn(smtp.received)
  t.equal(codes.length, 4)
  for (const code of codes) {
    t.ok(everything.includes(hashCode(code)?.toString('hex').toUpperCase() ?? code), 'its hash was looked at')
    t.notOk(everything.includes(code), 'as the mail shows it')
    t.notOk(everything.includes(code.replaceAll('-', '')), 'without hyphens')
  }
  t.ok(everything.includes('FAILED TASK'), 'the log was looked at')
})

/** Every row of every table, the queue's included, as text. */
async function dump({ db }: Scene): Promise<string> {
  const tables = await db.sql.execute<{
    name: string
  }>(sql`select format('%I.%I', schemaname, tablename) as name
    from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`)
  const parts: string[] = []
  for (const { name } of tables.rows) {
    const { rows } = await db.sql.execute<{ row: string }>(sql.raw(`select t::text as row from ${name} t`))
    parts.push(...rows.map(({ row }) => row))
  }
  return parts.join('\n')
}
