import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startMuster } from '../support/muster.ts'
import { startProcess } from '../support/process.ts'
import { clientsOf } from './clients.ts'
import { compile, withClient } from './compile.ts'

const page = await readFile(join(import.meta.dirname, '../../docs/client.md'), 'utf8')
const [frontend = '', backend = '', ...others] = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(
  ([, block]) => block ?? '',
)

/** What the page leaves to the reader's identity provider. */
const AUTH = `export const auth = { token: async (): Promise<string> => process.env.TOKEN ?? '' }\n`

t.test("the page's ten lines for a frontend are real", async (t) => {
  t.same(others, [])
  t.ok(linesOf(frontend) <= 10, `${linesOf(frontend)} lines`)
  const muster = await startMuster(t)
  const { user, userToken } = clientsOf(muster)
  const alice = user('alice', 'Alice')
  const { id } = await alice.createOrg({ name: 'Acme' })
  await alice.invite(id, { email: 'bob@example.com', role: 'accounting', notify: false })

  const folder = t.testdir({ 'auth.ts': AUTH, 'frontend.ts': at(frontend, muster.url) })
  t.same(await compile(folder, 'frontend.ts'), [])
  const env = { TOKEN: userToken('bob', 'Bob') }
  const program = startProcess(t, env, [process.execPath, join(folder, 'frontend.ts')])
  const { exit, stdout, stderr } = await program.ended
  t.equal(exit, 0, stderr)
  t.equal(stdout, 'The bell: 1\nAcme: accounting, sees invoices: true\n')
})

t.test("the page's ten lines for a backend are real", async (t) => {
  t.ok(linesOf(backend) <= 10, `${linesOf(backend)} lines`)
  const muster = await startMuster(t)
  const { service, serviceToken } = clientsOf(muster)
  const folder = t.testdir({ 'backend.ts': at(backend, muster.url) })
  t.same(await compile(folder, 'backend.ts'), [])

  const env = { MUSTER_TOKEN: serviceToken('muster:read muster:write') }
  const program = startProcess(t, env, [process.execPath, join(folder, 'backend.ts')])
  const { exit, stdout, stderr } = await program.ended
  t.equal(exit, 0, stderr)
  t.equal(stdout, 'auth0|alice admin\nauth0|bob accounting\nAdmin still needed by Acme\n')
  const { data } = await service('muster:read').listOrgs({ externalId: 'tenant-42' })
  t.match(data, [{ name: 'Acme', metadata: { plan: 'pro' } }])
})

function at(block: string, url: string): string {
  return withClient(block).replace('http://127.0.0.1:3000', url)
}

function linesOf(block: string): number {
  return block.split('\n').filter((line) => line !== '' && !line.startsWith('import ')).length
}
