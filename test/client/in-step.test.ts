import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import t, { type Test } from 'tap'
import { all } from '../../openapi/client.ts'
import { freePort } from '../../src/db/embedded/server.ts'
import { purge } from '../../src/jobs/purge/purge.ts'
import { until } from '../jobs/scene.ts'
import { startJobs } from '../support/jobs.ts'
import { type Muster, startMuster } from '../support/muster.ts'
import { startProcess } from '../support/process.ts'
import { clientsOf } from './clients.ts'

const EXAMPLE = join(import.meta.dirname, '../../docs/keeping-in-step.ts')
const START = /starting over/g

t.test('the example keeps its table in step by webhooks, through every kind of change', async (t) => {
  const { muster, backend, user, start, inStep, settings } = await openScene(t)
  const [alice, bob] = [user('alice'), user('bob')]
  const early = await alice.createOrg({ name: 'Early' })
  await backend.putMember(early.id, 'dora', { role: 'member' })
  const product = start()
  await inStep('what was there before it')

  const org = await alice.createOrg({ name: 'Acme' })
  const { code = '' } = await alice.invite(org.id, { email: 'bob@example.com', notify: false })
  await bob.acceptInvitation(code)
  await inStep('an invitation accepted')
  await alice.changeRole(org.id, 'bob', { role: 'admin' })
  await inStep('a role changed')
  await bob.transferOrg(org.id, { toUserId: 'alice', then: 'accounting' })
  await inStep('handed over')
  await alice.removeMember(org.id, 'bob')
  await inStep('removed')

  const file = `${settings.TABLE}.wanted`
  const wanted = ['erin', 'frank', 'gina'].map((userId) => ({ userId, role: 'member' }))
  await writeFile(file, JSON.stringify([{ userId: 'alice', role: 'admin' }, ...wanted]))
  const sync = startProcess(t, settings, [process.execPath, EXAMPLE, 'sync', org.id, file])
  const { exit, stdout } = await sync.ended
  t.match({ exit, ...JSON.parse(stdout) }, { exit: 0, added: { length: 3 }, removed: [], unchanged: 1 })
  await inStep('synchronised')

  await backend.deleteOrg(org.id, { confirm: 'Acme' })
  await inStep('deleted')
  await backend.restoreOrg(org.id)
  await inStep('restored')
  await backend.deleteOrg(org.id, { confirm: 'Acme' })
  await backend.eraseUser('erin')
  await backend.restoreOrg(org.id)
  await inStep('restored, with somebody erased meanwhile')
  await backend.eraseUser('dora')
  await inStep('erased, and told by a pseudonym')

  product.kill('SIGKILL')
  t.equal((await product.ended).stdout.match(START)?.length, 1)
  t.match(await muster.db.pool.query("select from deliveries where status = 'failed'"), { rowCount: 0 })
})

t.test('what was told while it was down, it reads from where it was', async (t) => {
  const { muster, backend, start, inStep } = await openScene(t)
  const org = await backend.createOrg({ name: 'Acme', adminUserId: 'alice' })
  await backend.putMember(org.id, 'bob', { role: 'member' })
  await until('all is placed', async () => (await unplaced(muster)) === 0)
  const first = start()
  await inStep('at first')
  first.kill('SIGKILL')
  await first.ended

  for (let n = 0; n < 120; n++) await backend.putMember(org.id, `user-${n}`, { role: 'member' })
  await backend.changeRole(org.id, 'bob', { role: 'admin' })
  await backend.eraseUser('bob')
  await backend.removeMember(org.id, 'user-7')
  const second = start()
  await inStep('after it was down')
  second.kill('SIGKILL')
  const { stdout } = await second.ended
  t.notMatch(stdout, START, 'it went on')
  // Of Alice and Bob it may hear again: the feed may have told of them after they were listed.
  t.equal(stdout.match(/member\.added \S+ user-/g)?.length, 120, 'each once, over more than a page')
})

t.test('who was listed before the feed told of them, and erased before it did, is gone', async (t) => {
  const { backend, start, inStep, settings } = await openScene(t)
  const org = await backend.createOrg({ name: 'Acme', adminUserId: 'alice' })
  const first = start()
  await inStep('at first')
  first.kill('SIGKILL')
  await first.ended

  await backend.putMember(org.id, 'bob', { role: 'member' })
  const { cursor } = JSON.parse(await readFile(settings.TABLE, 'utf8'))
  const listed = { [org.id]: { alice: 'admin', bob: 'member' } }
  await writeFile(settings.TABLE, JSON.stringify({ cursor, orgs: listed }))
  await backend.eraseUser('bob')
  start()
  await inStep('without a word of bob')
})

t.test('where its cursor has expired, it starts over', async (t) => {
  const { muster, backend, start, inStep } = await openScene(t)
  const org = await backend.createOrg({ name: 'Acme', adminUserId: 'alice' })
  await backend.putMember(org.id, 'bob', { role: 'member' })
  const first = start()
  await inStep('at first')
  first.kill('SIGKILL')
  await first.ended

  await backend.removeMember(org.id, 'bob')
  await until('all is placed', async () => (await unplaced(muster)) === 0)
  await muster.db.pool.query("update events set occurred_at = now() - interval '31 days'")
  await purge(muster.db, 30)
  const second = start()
  await inStep('although nothing tells of it any more')
  second.kill('SIGKILL')
  t.match((await second.ended).stdout, START)
})

t.test('what no webhook tells of, the clock finds', async (t) => {
  const { backend, start, inStep, webhook } = await openScene(t)
  const org = await backend.createOrg({ name: 'Acme', adminUserId: 'alice' })
  start({ EVERY_SECONDS: '1' })
  await inStep('at first')
  await backend.deleteWebhook(webhook.id)
  await backend.putMember(org.id, 'bob', { role: 'member' })
  await inStep('without a webhook')
})

t.test('it takes only what is signed', async (t) => {
  const { start, inStep, settings } = await openScene(t)
  start()
  await inStep('nothing yet')
  const forged = { 'webhook-id': 'x', 'webhook-timestamp': '1', 'webhook-signature': 'v1,eA==' }
  const address = `http://127.0.0.1:${settings.PORT}/`
  t.equal((await fetch(address, { method: 'POST', headers: forged, body: '{}' })).status, 400)
})

/** Muster with its jobs, a webhook for the example, and the example itself, which `start` starts as a process. */
async function openScene(t: Test) {
  const muster = await startMuster(t, { WEBHOOK_ALLOW_PRIVATE: 'true' })
  await startJobs(t, muster)
  const { user, service, serviceToken } = clientsOf(muster)
  const backend = service('muster:read muster:write')
  const PORT = String(await freePort())
  const webhook = await backend.createWebhook({ url: `http://127.0.0.1:${PORT}/` })
  const TABLE = join(t.testdir(), 'table.json')
  const settings = {
    ...{ PORT, TABLE, EVERY_SECONDS: '3600', WEBHOOK_SECRET: webhook.secret },
    ...{ MUSTER_URL: muster.url, MUSTER_TOKEN: serviceToken('muster:read muster:write') },
  }
  const start = (more = {}) => startProcess(t, { ...settings, ...more }, [process.execPath, EXAMPLE])
  const inStep = (what: string) =>
    until(what, async () => {
      const { orgs = null } = JSON.parse(await readFile(TABLE, 'utf8').catch(() => '{}'))
      return isDeepStrictEqual(orgs, await truth())
    })
  return { muster, backend, user, webhook, settings, start, inStep }

  async function truth() {
    const orgs: Record<string, Record<string, string>> = {}
    for await (const { id } of all((page) => backend.listOrgs(page))) {
      const members: Record<string, string> = {}
      for await (const { userId, role } of all((page) => backend.listMembers(id, page)))
        members[userId] = role
      orgs[id] = members
    }
    return orgs
  }
}

async function unplaced({ db }: Muster): Promise<number> {
  const { rows } = await db.pool.query('select count(*)::int as count from feed_queue')
  return rows[0].count
}
