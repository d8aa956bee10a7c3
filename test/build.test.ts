import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import t from 'tap'
import { until } from './jobs/scene.ts'
import { alicesOrg, onDatabase, startProcess } from './support/process.ts'

const ROOT = join(import.meta.dirname, '..')
const run = promisify(execFile)

// Outside of the repository, where no package can be found.
const folder = await mkdtemp(join(tmpdir(), 'muster-build-'))
t.teardown(() => rm(folder, { recursive: true }))
await run(process.execPath, [join(ROOT, 'src/cli/build.ts'), folder])
const MAIN = [process.execPath, '--enable-source-maps', join(folder, 'main.js')]

t.test('what `npm run build` writes is all that the service and its commands need', async (t) => {
  const env = { ...(await onDatabase(t)), MUSTER_DATA_DIR: join(folder, 'data') }
  const command = (name: string, ...args: string[]) =>
    run(process.execPath, [join(folder, 'cli', `${name}.js`), ...args], { env, cwd: folder })
  t.match(await command('migrate'), { stdout: 'The database is up to date.\n' })
  t.match(await command('token', 'alice@example.com'), { stdout: /^ey\S+\n$/ })

  const muster = startProcess(t, env, MAIN)
  const url = await muster.url
  const pages = ['/docs', '/docs/static/swagger-ui.css', '/docs/static/logo.svg']
  for (const path of ['/readyz', ...pages]) t.equal((await fetch(url + path)).status, 200, path)
  const document = await (await fetch(`${url}/openapi.json`)).json()
  t.same(document, JSON.parse(await readFile(join(ROOT, 'openapi/openapi.json'), 'utf8')))

  const { org, call } = await alicesOrg(url)
  t.equal((await call('POST', `${org}/invitations`, { email: 'bob@example.com' })).status, 201)
  await until('the mail is a file', async () => {
    const mails = await readdir(join(env.MUSTER_DATA_DIR, 'mail')).catch(() => [])
    return mails.some((name) => name.endsWith('.eml'))
  })
  t.match(await command('export'), { stdout: /"name":"Alice's"/ })

  muster.kill('SIGTERM')
  t.match(await muster.ended, { exit: 0, stderr: '' })
})

t.test('a stack names the file that was written, not the one that was built', async (t) => {
  const muster = startProcess(
    t,
    { ...(await onDatabase(t)), DATABASE_URL: 'postgres://127.0.0.1:1/none' },
    MAIN,
  )
  t.equal((await fetch(`${await muster.url}/readyz`)).status, 503)
  await muster.says(/"stack":"[^"]*src\/db\/migrate\.ts:\d+/)
})

t.test('nothing is loaded before it serves that it does not serve with', async (t) => {
  const packages = new Set<string>()
  const modules = await modulesAtTheStart()
  for (const file of modules)
    packages.add(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? 'our own')
  const later = ['@fastify/static', '@fastify/swagger-ui', 'glob', 'graphile-worker', 'nodemailer']
  for (const name of later) t.notOk(packages.has(name), `${name} is loaded when it is needed`)
  t.ok(packages.has('fastify') && packages.has('our own'), 'and the others are found')
  const validators = modules.filter((file) => file.includes('node_modules/validator/'))
  t.ok(validators.length < 10, 'one validator, not all of them')
  t.ok(modules.length < MOST_MODULES, `${modules.length} modules`)
})

// A tenth more than there are. Each is read at every start of a clone: see docs/decisions/0014-memory-and-start.md.
const MOST_MODULES = 1_250

/** What `main.ts` imports, and what that imports, but for what is imported when it is needed. */
async function modulesAtTheStart(): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: ['src/main.ts'],
    ...{ absWorkingDir: ROOT, bundle: true, format: 'esm', platform: 'node', packages: 'bundle' },
    ...{ metafile: true, write: false, outfile: 'main.js', logLevel: 'silent' },
    external: ['pg-native', 'typescript'],
  })
  const found = new Set<string>()
  const look = (file: string) => {
    if (found.has(file)) return
    found.add(file)
    for (const { path, kind, external } of metafile.inputs[file]?.imports ?? [])
      if (!external && kind !== 'dynamic-import') look(path)
  }
  look('src/main.ts')
  return [...found]
}
