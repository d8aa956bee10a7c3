import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openDatabase } from '../../src/db/client.ts'
import { until } from '../jobs/scene.ts'
import { dump } from '../support/dump.ts'
import { startMuster } from '../support/muster.ts'
import { cloneDatabase } from '../support/postgres.ts'

const IMPORT = join(import.meta.dirname, '../../src/cli/import.ts')
const EXPORT = join(import.meta.dirname, '../../src/cli/export.ts')

const LINES = [
  {
    type: 'org',
    externalId: 'acme',
    name: 'Acme',
    adminUserId: 'alice',
    slug: 'acme',
    metadata: { plan: 'team' },
  },
  {
    type: 'member',
    org: 'acme',
    userId: 'alice',
    role: 'admin',
    email: 'Alice@Example.com',
    emailVerified: true,
  },
  { type: 'member', org: 'acme', userId: 'bob', role: 'member', name: 'Bob' },
  { type: 'resource', org: 'acme', externalId: 'ws', resourceType: 'workspace', name: 'Design' },
  { type: 'resource', org: 'acme', externalId: 'd', parent: 'ws', resourceType: 'domain', name: 'acme.com' },
  { type: 'grant', org: 'acme', resource: 'ws', userId: 'bob', role: 'admin' },
  { type: 'grant', org: 'acme', resource: 'd', userId: 'carol', role: 'accounting' },
]

t.test('a file becomes organisations, members, resources and grants, each recorded', async (t) => {
  const muster = await startMuster(t)
  const { code, err } = await runImport(t, muster.databaseUrl, LINES)
  t.equal(code, 0, err)
  t.match(err, '6 added, 1 there, 0 refused', 'the organisation brought its Admin')
  const alice = muster.user('alice')
  const { body: orgs } = await alice.get('/orgs')
  t.match(orgs.data, [
    { name: 'Acme', slug: 'acme', externalId: 'acme', metadata: { plan: 'team' }, role: 'admin' },
  ])
  const path = `/orgs/${orgs.data[0].id}`
  const { data: members } = (await alice.get(`${path}/members`)).body
  t.same(members.map(({ userId, role, source }: Record<string, string>) => [userId, role, source]).sort(), [
    ['alice', 'admin', 'provisioned'],
    ['bob', 'member', 'provisioned'],
    ['carol', 'member', 'provisioned'],
  ])
  t.equal((await muster.service('muster:read').get('/users/alice')).body.user.email, 'alice@example.com')
  const { data: resources } = (await muster.user('bob').get(`${path}/resources`)).body
  t.match(resources, [
    { externalId: 'ws', role: 'admin', parentId: null },
    { externalId: 'd', role: 'admin', parentId: resources[0].id },
  ])
  const events = (await alice.get(`${path}/events?limit=100`)).body.data.reverse()
  t.same(
    events.map(({ type, sequence }: { type: string; sequence: number }) => [sequence, type]),
    [
      ...['org.created', 'member.added', 'member.added', 'resource.created', 'resource.created'],
      ...['grant.added', 'member.added', 'grant.added'],
    ].map((type, index) => [index + 1, type]),
  )
  t.match(events[0], { actor: { type: 'service', userId: 'import' } })

  const before = await dump(muster.db)
  const again = await runImport(t, muster.databaseUrl, LINES)
  t.match(again.err, '0 added, 7 there, 0 refused')
  t.same(await dump(muster.db), before, 'a second time nothing changes')
})

t.test('bad lines are told with number and reason, and never stop the rest', async (t) => {
  const muster = await startMuster(t)
  const deep = Array.from({ length: 9 }, (_, depth) => ({
    ...{ type: 'resource', org: 'acme', externalId: `r${depth}`, resourceType: 'folder', name: 'F' },
    ...(depth > 0 && { parent: `r${depth - 1}` }),
  }))
  const bad: [string | object, RegExp][] = [
    ['{"type":"org"', /not a JSON object/],
    ['[]', /its type is none of/],
    [{ type: 'team' }, /its type is none of org, member, resource, grant/],
    [{ type: 'member', org: 'acme', userId: 'x', role: 'owner' }, /\/role must be equal to one of/],
    [
      { type: 'member', org: 'acme', userId: 'x', role: 'member', age: 7 },
      /must NOT have additional properties: age/,
    ],
    [{ type: 'member', org: 'acme', userId: 'x', role: 'member', email: 'x' }, /\/email/],
    [{ type: 'member', org: 'nowhere', userId: 'x', role: 'member' }, /its organisation is not there/],
    [{ type: 'org', externalId: 'x', name: 'X', adminUserId: 'a', slug: 'acme' }, /has this slug/],
    [{ type: 'org', externalId: 'x', name: 'X\u0000', adminUserId: 'a' }, /\/name/],
    [{ type: 'org', externalId: 'x', name: 'X', adminUserId: 'a', metadata: { n: 'a\u0000b' } }, /NUL/],
    ['{"type":"org","externalId":"x","name":"X","adminUserId":"a","metadata":{"n":"\\ud800"}}', /surrogate/],
    [
      { type: 'resource', org: 'acme', externalId: 'y', parent: 'nowhere', resourceType: 'w', name: 'Y' },
      /parent/,
    ],
    [{ type: 'grant', org: 'acme', resource: 'nowhere', userId: 'bob', role: 'member' }, /its resource/],
    [JSON.stringify({ type: 'org', name: 'x'.repeat(200_000) }), /longer than 128 KiB/],
    [deep[8] ?? {}, /at most 8 deep/],
  ]
  const lines = [...LINES, ...deep.slice(0, 8), ...bad.map(([line]) => line), '', '   ']
  const { code, err, rejected } = await runImport(t, muster.databaseUrl, lines)
  t.equal(code, 2)
  t.match(err, `14 added, 1 there, ${bad.length} refused`)
  t.same(
    rejected.map(({ line }) => line).sort((a, b) => a - b),
    bad.map((_, index) => LINES.length + 8 + index + 1),
  )
  for (const [index, [, reason]] of bad.entries())
    t.match(rejected.find(({ line }) => line === LINES.length + 8 + index + 1)?.reason, reason)
})

t.test('what is exported can be imported elsewhere, and is the same there', async (t) => {
  const muster = await startMuster(t)
  await runImport(t, muster.databaseUrl, LINES)
  const { alice, own } = { alice: muster.user('alice'), own: muster.user('dave') }
  const org = (await own.post('/orgs', { name: 'Without a name of its own' })).body
  const parent = (await own.post(`/orgs/${org.id}/resources`, { type: 'workspace', name: 'W' })).body
  await own.post(`/orgs/${org.id}/resources`, { type: 'domain', name: 'D', parentId: parent.id })
  const gone = (await alice.post('/orgs', { name: 'Gone' })).body
  await alice.delete(`/orgs/${gone.id}?confirm=Gone`)

  const first = await exported(muster.databaseUrl)
  t.notMatch(first, 'Gone')
  const elsewhere = await cloneDatabase(t)
  const { code } = await runImport(t, elsewhere, first.trim().split('\n'))
  t.equal(code, 0)
  t.same((await exported(elsewhere)).split('\n').sort(), first.split('\n').sort())

  const before = await dump(muster.db)
  await runImport(t, muster.databaseUrl, first.trim().split('\n'))
  t.same(await dump(muster.db), before, 'and here it is there already')
})

t.test('an import that is stopped goes on when it is run again', async (t) => {
  const url = await cloneDatabase(t)
  const folder = t.testdir()
  const file = join(folder, 'many.ndjson')
  const lines = [LINES[0], ...Array.from({ length: 60_000 }, (_, n) => member(n))]
  await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const child = spawn(process.execPath, [IMPORT, file, '--rejected', join(folder, 'r')], {
    env: { DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text
  })
  const database = openDatabase(url, 1)
  t.teardown(() => database.close())
  await until('it has begun', async () => {
    const { rows } = await database.pool.query('select from members limit 1')
    return rows.length > 0
  })
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  t.equal(code, 130, err)
  t.match(err, /Stopped after line \d+\. Run it again to go on/)
  const again = await runImport(t, url, lines)
  t.equal(again.code, 0)
  const [, added, there] = [...again.err.matchAll(/([\d,]+) added, ([\d,]+) there/g)].at(-1) ?? []
  t.ok(there !== '0', `${there} were there`)
  t.equal(Number(added?.replaceAll(',', '')) + Number(there?.replaceAll(',', '')), 60_001)
})

const member = (n: number) => ({ type: 'member', org: 'acme', userId: `u${n}`, role: 'member' })

/** From standard input, as all but one test do. */
async function runImport(t: Test, url: string, lines: readonly unknown[]) {
  const rejected = join(t.testdir(), 'rejected.ndjson')
  const child = spawn(process.execPath, [IMPORT, '-', '--rejected', rejected], {
    env: { DATABASE_URL: url },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text
  })
  child.stdin.end(lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  const [code] = await once(child, 'close')
  const text = await readFile(rejected, 'utf8')
  const told: { line: number; reason: string }[] = text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
  return { code, err, rejected: told }
}

function exported(url: string): Promise<string> {
  return new Promise((resolve, reject) =>
    execFile(process.execPath, [EXPORT], { env: { DATABASE_URL: url } }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    ),
  )
}
