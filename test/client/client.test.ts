import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { all, Muster, MusterError } from '../../openapi/client.ts'
import { startMuster } from '../support/muster.ts'
import { QUICK } from '../support/process.ts'
import { clientsOf } from './clients.ts'

const FILE = fileURLToPath(new URL('../../openapi/client.ts', import.meta.url))
const CLI = fileURLToPath(new URL('../../src/cli/client.ts', import.meta.url))
const DOCUMENT = new URL('../../openapi/openapi.json', import.meta.url)
const NOBODY = '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e'

const written = await readFile(FILE, 'utf8')

t.test('the written client is what `npm run client` writes, in any folder', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'muster-client-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const file = join(folder, 'client.ts')
  await promisify(execFile)(process.execPath, [CLI, file], { env: QUICK, cwd: folder })
  t.equal(await readFile(file, 'utf8'), written, 'run `npm run client` and commit what it writes')
})

t.test('it stands alone, hides nothing from the compiler, and has a method for each operation', async (t) => {
  t.notMatch(written, /^import |require\(/m)
  t.notMatch(written, /@ts-|\bany\b(?=[;,)>[\]])|eslint-disable/)
  const { paths } = JSON.parse(await readFile(DOCUMENT, 'utf8'))
  const operations = Object.values<Record<string, { operationId: string }>>(paths).flatMap(Object.values)
  t.same(
    Object.getOwnPropertyNames(Muster.prototype).sort(),
    ['constructor', ...operations.map(({ operationId }) => operationId)].sort(),
  )
})

t.test('a refusal is an error with its code, its status and what the problem tells', async (t) => {
  const muster = await startMuster(t)
  const { user } = clientsOf(muster)
  const alice = user('alice')
  const org = await alice.createOrg({ name: 'Acme' })

  const refusal = await refusalOf(alice.leaveOrg(org.id, { confirm: 'Acme' }))
  t.match(refusal, { name: 'MusterError', code: 'last_admin', status: 409, retryAfter: null })
  t.match(refusal.message, /^last_admin: .*Admin/)
  t.match(refusal.problem, { instance: `/orgs/${org.id}/leave`, requestId: String })

  const invalid = await refusalOf(alice.createOrg({ name: '' }))
  t.match(invalid.problem?.errors, [{ pointer: '/name', detail: String }])
  t.match(await refusalOf(alice.getOrg(NOBODY)), { code: 'org_not_found', status: 404 })
  t.match(await refusalOf(new Muster({ url: muster.url }).getMe()), { code: 'unauthenticated', status: 401 })
})

t.test('a limit says when to try again', async (t) => {
  const muster = await startMuster(t, { LIMIT_INVITATIONS_PER_TEN_MINUTES: '1' })
  const alice = clientsOf(muster).user('alice')
  const { id } = await alice.createOrg({ name: 'Acme' })
  await alice.invite(id, { notify: false })
  const refusal = await refusalOf(alice.invite(id, { notify: false }))
  t.match(refusal, { code: 'rate_limited', status: 429, retryAfter: Number })
  t.ok((refusal.retryAfter ?? 0) > 0)
})

t.test('what answers in place of Muster is an error without a problem', async (t) => {
  const proxy = createServer((_, response) => response.writeHead(502).end('<h1>Bad Gateway</h1>'))
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  t.teardown(() => proxy.close())
  const address = proxy.address()
  const port = typeof address === 'object' ? address?.port : 0
  const refusal = await refusalOf(new Muster({ url: `http://127.0.0.1:${port}` }).getMe())
  t.match(refusal, { code: null, problem: null, status: 502, message: '502 Bad Gateway' })
})

t.test('what stands in a path, a query or a header arrives as it was given', async (t) => {
  const muster = await startMuster(t)
  const { user, service } = clientsOf(muster)
  const backend = service('muster:write muster:read')
  const odd = 'auth0|a b/c?d#e%20&=ü'
  const org = await backend.createOrg({ name: 'A & B?', adminUserId: odd, externalId: 'a&b=c#ü' })
  t.equal((await backend.getMember(org.id, odd)).userId, odd)
  t.same(await ids(backend.listOrgs({ externalId: 'a&b=c#ü' })), [org.id])
  t.same(await ids(backend.listOrgs({ userId: odd, limit: 1 })), [org.id])

  const key = { idempotencyKey: 'once and never again' }
  const alice = user('alice')
  t.same(await alice.createOrg({ name: 'Acme' }, key), await alice.createOrg({ name: 'Acme' }, key))

  const changed = await backend.updateOrg(org.id, { name: 'C' }, { ifMatch: org.version })
  t.equal(changed.version, org.version + 1)
  const late = backend.deleteOrg(org.id, { confirm: 'C' }, { ifMatch: org.version })
  t.match(await refusalOf(late), { code: 'version_mismatch', status: 412 })
  t.equal(await backend.deleteOrg(org.id, { confirm: 'C' }, { ifMatch: changed.version }), undefined)
})

t.test('a call can be given up, and `fetch` be another one', async (t) => {
  const muster = await startMuster(t)
  const alice = clientsOf(muster).user('alice')
  await t.rejects(alice.getMe({ signal: AbortSignal.abort() }), { name: 'AbortError' })

  const urls: unknown[] = []
  const watched: typeof fetch = (url, init) => {
    urls.push(url)
    return fetch(url, init)
  }
  await new Muster({ url: `${muster.url}/`, fetch: watched }).livez()
  t.same(urls, [`${muster.url}/livez`], 'a slash at the end of the address does no harm')
})

t.test('`all` goes through every page', async (t) => {
  const muster = await startMuster(t)
  const backend = clientsOf(muster).service('muster:write muster:read')
  const org = await backend.createOrg({ name: 'Acme', adminUserId: 'admin' })
  const members = Array.from({ length: 249 }, (_, n) => ({ userId: `user-${n}`, role: 'member' as const }))
  await backend.syncMembers(org.id, { members: [{ userId: 'admin', role: 'admin' }, ...members] })
  const listed = new Set<string>()
  for await (const { userId } of all((page) => backend.listMembers(org.id, page))) listed.add(userId)
  t.equal(listed.size, 250)
})

async function ids(page: Promise<{ data: { id: string }[] }>): Promise<string[]> {
  return (await page).data.map(({ id }) => id)
}

async function refusalOf(call: Promise<unknown>): Promise<MusterError> {
  const refusal = await call.catch((error) => error)
  if (refusal instanceof MusterError) return refusal
  throw new Error('It was not refused.', { cause: refusal })
}
