import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { buildApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { openDatabase } from '../src/db/client.ts'
import { CODES } from '../src/domain/errors.ts'
import { HTTP_CODES, type ProblemCode, statusOf } from '../src/http/problems.ts'
import { startMuster } from './support/muster.ts'
import { QUICK } from './support/process.ts'

const FILE = new URL('../openapi/openapi.json', import.meta.url)
const CLI = fileURLToPath(new URL('../src/cli/openapi.ts', import.meta.url))

interface Schema {
  readonly $ref?: string
  readonly examples?: readonly unknown[]
  readonly enum?: readonly string[]
  readonly allOf?: readonly Schema[]
  readonly properties?: Record<string, Schema>
}
interface Content {
  readonly content?: Record<string, { readonly schema?: Schema; readonly example?: unknown }>
}
interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly description?: string
  readonly security?: readonly object[]
  readonly parameters?: readonly { in: string; name: string; required?: boolean; example?: unknown }[]
  readonly requestBody?: Content
  readonly responses: Record<string, Content & { description: string; headers?: object }>
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, Schema> }
}

const written = await readFile(FILE, 'utf8')
const document: Document = JSON.parse(written)
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    ...operation,
  })),
)

t.test('the written document is what `npm run openapi` writes, without a database', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'muster-openapi-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const file = join(folder, 'openapi.json')
  await promisify(execFile)(process.execPath, [CLI, file], { env: QUICK, cwd: folder })
  t.equal(await readFile(file, 'utf8'), written, 'run `npm run openapi` and commit what it writes')
})

t.test('the served document is the written one', async (t) => {
  const { url } = await startMuster(t)
  const response = await fetch(`${url}/openapi.json`)
  t.equal(response.status, 200)
  t.match(response.headers.get('content-type'), /^application\/json/)
  t.equal(`${JSON.stringify(await response.json(), null, 2)}\n`, written)
})

t.test("Redocly's recommended rules find nothing, and every example fits its schema", async (t) => {
  const { license, ...info } = JSON.parse(written).info
  const unlicensed = JSON.stringify({ ...document, info })
  t.match(await lint(unlicensed), [{ ruleId: 'info-license' }], 'the rules are in force')
  t.same(await lint(written), [])
})

async function lint(source: string) {
  const rules = { 'no-invalid-schema-examples': 'error', 'no-invalid-parameter-examples': 'error' } as const
  const config = await createConfig({ extends: ['recommended'], rules })
  const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config })
  return problems.map(({ ruleId, message, location }) => ({
    ruleId,
    message,
    at: location.map(({ pointer }) => pointer),
  }))
}

t.test('every operation says in words what it does', async (t) => {
  for (const { name, summary, description, operationId, responses } of operations) {
    t.match(summary, /^[A-Z].{5,60}$/, `${name}: summary`)
    t.match(description, /^[A-Z].{20,}\.$/, `${name}: description`)
    t.match(operationId, /^[a-z]+([A-Z][a-z]+)*$/, `${name}: operationId in camel case`)
    for (const [status, response] of Object.entries(responses))
      t.not(response.description, 'Default Response', `${name} ${status}: description`)
  }
  const ids = operations.map(({ operationId }) => operationId)
  t.equal(new Set(ids).size, ids.length, 'no operationId is used twice')
})

t.test('every operation shows an example', async (t) => {
  for (const { name, requestBody, responses, parameters = [] } of operations) {
    const successes = Object.entries(responses).filter(([status]) => status < '400')
    const bodies = [requestBody, ...successes.map(([, response]) => response)].flatMap(mediaOf)
    if (bodies.length > 0) t.ok(bodies.every(hasExample), `${name}: bodies`)
    else
      t.ok(
        parameters.some(({ example }) => example !== undefined),
        `${name}: parameters`,
      )
  }
})

function mediaOf(of: Content | undefined) {
  return Object.values(of?.content ?? {})
}

function hasExample({ schema = {}, example }: ReturnType<typeof mediaOf>[number]): boolean {
  return example !== undefined || (resolved(schema).examples ?? []).length > 0
}

function resolved(schema: Schema): Schema {
  const name = schema.$ref?.replace('#/components/schemas/', '')
  return name === undefined ? schema : (document.components.schemas[name] ?? {})
}

t.test('an example fills no optional field of the form in Swagger UI', async (t) => {
  for (const { name, parameters = [] } of operations)
    for (const { name: parameter, required, example } of parameters)
      t.ok(required || example === undefined, `${name}: ${parameter}`)
})

// A verdict that was kept would outlive the right; see docs/decisions/0008-rights-are-computed.md.
const CHANGES_NOTHING = 'POST /access/check'

t.test('every problem stands under its status, and all that operations share is told', async (t) => {
  for (const { name, responses, security, parameters = [] } of operations) {
    const told = Object.entries(responses).flatMap(([status, response]) =>
      codesOf(response).map((code) => ({ status: Number(status), code })),
    )
    for (const { status, code } of told) t.equal(statusOf(code), status, `${name}: ${code}`)
    const shared: ProblemCode[] = ['invalid_request', 'malformed_url', 'internal_error', 'unavailable']
    if (!name.startsWith('GET')) shared.push('malformed_json', 'payload_too_large', 'unsupported_media_type')
    if (security?.length !== 0) shared.push('unauthenticated')
    if (name.startsWith('POST') && name !== CHANGES_NOTHING)
      shared.push('idempotency_in_progress', 'idempotency_key_reused')
    if (parameters.some((parameter) => parameter.name === 'If-Match')) shared.push('version_mismatch')
    if (parameters.some((parameter) => parameter.name === 'cursor')) shared.push('invalid_cursor')
    if (parameters.some((parameter) => parameter.name === 'orgId')) shared.push('org_not_found', 'forbidden')
    const codes = told.map(({ code }) => code)
    t.same(
      shared.filter((code) => !codes.includes(code)),
      [],
      `${name} lists what it shares`,
    )
  }
})

t.test('every code of Muster is told by some operation, or by the introduction', async (t) => {
  const told = operations.flatMap(({ responses }) => Object.values(responses).flatMap(codesOf))
  const introduction: string = JSON.parse(written).info.description
  for (const code of [...Object.keys(CODES), ...Object.keys(HTTP_CODES)])
    t.ok(told.some((other) => other === code) || introduction.includes(`\`${code}\``), code)
})

function codesOf(response: Content): ProblemCode[] {
  return mediaOf(response)
    .flatMap(({ schema }) => (schema?.allOf ?? []).flatMap(({ properties }) => properties?.code?.enum ?? []))
    .map((code) => code as ProblemCode)
}

t.test('every route of the service is in the document, and nothing else', async (t) => {
  const routes = (await routesOfMuster())
    .filter(({ url }) => !url.startsWith('/docs') && url !== '/openapi.json')
    .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`)
  t.same(routes.sort(), operations.map(({ name }) => name).sort())
})

/** Fastify tells of each instance on a diagnostics channel before a route is registered on it. */
async function routesOfMuster(): Promise<{ method: string; url: string }[]> {
  const routes: { method: string; url: string }[] = []
  const listen = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance }
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) if (each !== 'HEAD') routes.push({ method: each, url })
    })
  }
  subscribe('fastify.initialization', listen)
  const db = openDatabase('postgres://localhost', 1)
  const config = loadConfig({ JWT_SECRET: randomBytes(32).toString('hex'), LOG_LEVEL: 'silent' })
  const app = await buildApp({ db, config }).finally(() => unsubscribe('fastify.initialization', listen))
  await app.ready()
  await app.close()
  await db.close()
  return routes
}

t.test('every component is used', async (t) => {
  for (const name of Object.keys(document.components.schemas))
    t.ok(written.includes(`"$ref": "#/components/schemas/${name}"`), name)
})

t.test('headers are spelt as their standards spell them', async (t) => {
  const headers = operations.flatMap(({ parameters = [] }) =>
    parameters.filter((each) => each.in === 'header'),
  )
  t.same([...new Set(headers.map(({ name }) => name))].sort(), ['Idempotency-Key', 'If-Match'])
})

t.test('what is open to all says so', async (t) => {
  const securityOf = (id: string) => operations.find(({ operationId }) => operationId === id)?.security
  t.same(securityOf('livez'), [])
  t.same(securityOf('readyz'), [])
  t.same(securityOf('previewInvitation'), [{}, { bearer: [] }])
  const own = operations.filter(({ security }) => security).map(({ operationId }) => operationId)
  t.same(own.sort(), ['livez', 'previewInvitation', 'readyz'], 'everything else needs a token')
})
