import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
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
    ['{"type":{"toString":1,"valueOf":1}}', /its type is none of/],
    [
      `{"type":"org","externalId":"x","name":"X","adminUserId":"a","metadata":{"n":${'['.repeat(3000)}${']'.repeat(3000)}}}`,
      /nested deeper/,
    ],
    [
      '{"type":"org","externalId":"x","name":"X","adminUserId":"a","metadata":{"n":1e400}}',
      /number too large/,
    ],
    [{ type: 'org', externalId: 'x', name: 'X', adminUserId: 'a', logoUrl: 'https://[' }, /logoUrl/],
    [{ type: 'team' }, /its type is none of org, member, resource, grant/],
    [{ type: 'member', org: 'acme', userId: 'x', role: 'owner' }, /\/role must be equal to one of/],
    [
      { type: 'member', org: 'acme', userId: 'x', role: 'member', age: 7 },
      /must NOT have additional properties: age/,
    ],
    [{ type: 'member', org: 'acme', userId: 'x', role: 'member', email: 'x' }, /\/email/],
    [{ type: 'member', org: 'nowhere', userId: 'x', role: 'member' }, /its organisation is not there/],
    [{ type: 'org', externalId: 'x', name: 'X', adminUserId: 'a', slug: 'acme' }, /has its slug/],
    [{ type: 'org', externalId: 'x', name: 'X\u0000', adminUserId: 'a' }, /NUL/],
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

t.test('of somebody who stands in several lines all that is known is kept', async (t) => {
  const muster = await startMuster(t)
  await runImport(t, muster.databaseUrl, [
    { type: 'org', externalId: 'a', name: 'A', adminUserId: 'dup' },
    { type: 'org', externalId: 'b', name: 'B', adminUserId: 'x' },
    { type: 'member', org: 'a', userId: 'dup', role: 'admin', email: 'dup@example.com', emailVerified: true },
    { type: 'member', org: 'b', userId: 'dup', role: 'member', name: 'Dup' },
  ])
  t.match((await muster.service('muster:read').get('/users/dup')).body.user, {
    ...{ email: 'dup@example.com', emailVerified: true, name: 'Dup' },
  })
})

t.test('what a line makes can be named behind it, and not before, wherever a batch ends', async (t) => {
  const url = await cloneDatabase(t)
  const org = { type: 'org', externalId: 'late', name: 'Late', adminUserId: 'a' }
  const { rejected } = await runImport(t, url, [
    { ...member(1), org: 'late' },
    org,
    { ...member(2), org: 'late' },
  ])
  t.match(rejected, [{ line: 1, reason: 'its organisation is not there' }])
})

t.test('a name that leads to two organisations leads nowhere', async (t) => {
  const muster = await startMuster(t)
  const backend = muster.service('muster:write')
  const one = (await backend.post('/orgs', { name: 'One', adminUserId: 'a' })).body
  await backend.post('/orgs', { name: 'Two', adminUserId: 'b', externalId: one.id })
  const { rejected } = await runImport(t, muster.databaseUrl, [{ ...member(1), org: one.id }])
  t.match(rejected, [{ line: 1, reason: /two organisations/ }])
})

t.test('an import beside the API waits for it, and neither fails', async (t) => {
  const muster = await startMuster(t)
  const backend = muster.service('muster:write')
  const { body: org } = await backend.post('/orgs', { name: 'Live', adminUserId: 'a', externalId: 'live' })
  const lines = Array.from({ length: 6_000 }, (_, n) =>
    n % 2 === 0
      ? { type: 'org', externalId: `new-${n}`, name: 'N', adminUserId: `u${n % 50}` }
      : { ...member(n % 50), org: 'live' },
  )
  const importing = runImport(t, muster.databaseUrl, lines)
  let done = false
  importing.finally(() => {
    done = true
  })
  const statuses = new Set<number>()
  for (let n = 0; !done; n++)
    statuses.add((await backend.put(`/orgs/${org.id}/members/u${n % 50}`, { role: 'member' })).status)
  t.equal((await importing).code, 0)
  t.same(
    [...statuses].filter((status) => status > 201),
    [],
  )
})

t.test('a file that was refused lines is not overwritten by what is refused of it', async (t) => {
  const file = join(t.testdir(), 'rejected.ndjson')
  await writeFile(file, 'precious\n')
  const child = spawn(process.execPath, [IMPORT, file, '--rejected', file], {
    env: { DATABASE_URL: 'postgres://127.0.0.1:1/none' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [code] = await once(child, 'close')
  t.equal(code, 1)
  t.equal(await readFile(file, 'utf8'), 'precious\n')
})

t.test('an import that waits for more lines stops when it is told to', async (t) => {
  const url = await cloneDatabase(t)
  const child = spawn(process.execPath, [IMPORT, '-', '--rejected', join(t.testdir(), 'r')], {
    env: { DATABASE_URL: url },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  await until(
    'it reads',
    async () => (await stat(join(t.testdirName, 'r')).catch(() => undefined)) !== undefined,
  )
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  t.equal(code, 130)
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
