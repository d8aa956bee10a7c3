import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import type { Invitation } from '../../src/domain/invitations/invitation.ts'
import { openScene, until } from '../jobs/scene.ts'
import { startSmtp } from '../support/smtp.ts'

t.test('the queue comes back when it could write down the end of none of its jobs', async (t) => {
  const smtp = await startSmtp(t)
  const scene = await openScene(t, { smtpUrl: smtp.url })
  const database = await doorOf(t, scene.url)
  await scene.work()
  const gates = ['bob', 'carol', 'dave', 'erin'].map((name) => ({ name, ...Promise.withResolvers<void>() }))
  const invitations: Invitation[] = []
  for (const [number, { name, promise }] of gates.entries()) {
    smtp.answer = promise
    invitations.push(await scene.invite(`${name}@example.com`))
    await smtp.arrived(number + 1)
  }

  smtp.answer = 'take'
  await database.close()
  for (const { resolve } of gates) {
    resolve()
    await pause(50)
  }
  await database.open()
  await until('all are known to have gone', async () => {
    const read = await Promise.all(invitations.map((invitation) => scene.read(invitation)))
    return read.every(({ delivery }) => delivery === 'sent')
  })
  t.equal(new Set(smtp.received.map(({ mail }) => mail.messageId)).size, 4, 'each with its one Message-ID')
})

/** Refuses all connections, and ends those that are open. */
async function doorOf(t: Test, url: string) {
  const server = new Client({ connectionString: process.env.TEST_DATABASE_URL })
  await server.connect()
  t.teardown(() => server.end())
  const name = new URL(url).pathname.slice(1)
  return {
    close: async () => {
      await server.query(`alter database ${name} allow_connections false`)
      await server.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
    },
    open: () => server.query(`alter database ${name} allow_connections true`),
  }
}
