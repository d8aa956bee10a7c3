import { createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { buildApp, type Deps } from '../../src/app.ts'
import { type Config, loadConfig } from '../../src/config.ts'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { contractOf } from './contract.ts'
import { cloneDatabase, PATIENT } from './postgres.ts'

export const SECRET = 'a secret for the tests, long enough and of no worth'

// biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect of a body
type Body = any

export interface Reply {
  readonly status: number
  readonly body: Body
  readonly headers: Headers
}

type Fields = Record<string, string>

/** A caller; each method is one real HTTP request. */
export interface Caller {
  get(path: string, headers?: Fields): Promise<Reply>
  put(path: string, body?: unknown, headers?: Fields): Promise<Reply>
  post(path: string, body?: unknown, headers?: Fields): Promise<Reply>
  patch(path: string, body?: unknown, headers?: Fields): Promise<Reply>
  delete(path: string, headers?: Fields): Promise<Reply>
}

export interface Muster {
  readonly url: string
  readonly db: Database
  readonly databaseUrl: string
  readonly config: Config
  /** `alice` is alice@example.com, verified, with the name Alice; `claims` override that. */
  user(id: string, claims?: Record<string, unknown>): Caller
  service(scope: string): Caller
  readonly stranger: Caller
}

/** Starts Muster on a port and a database of its own, without jobs. Every problem it answers must be in its contract. */
export async function startMuster(
  t: Test,
  env: Record<string, string> = {},
  { patience = PATIENT, ...limits }: Pick<Deps, 'timeLimit'> & { readonly patience?: number } = {},
): Promise<Muster> {
  const dataDir = await mkdtemp(join(tmpdir(), 'muster-test-'))
  const databaseUrl = await cloneDatabase(t)
  const config = loadConfig({
    DATABASE_URL: databaseUrl,
    MUSTER_DATA_DIR: dataDir,
    JWT_SECRET: SECRET,
    LOG_LEVEL: 'silent',
    PORT: '0',
    APP_URL: 'https://app.example.com/join',
    DATABASE_POOL_SIZE: '20',
    LIMIT_INVITATIONS_PER_TEN_MINUTES: '10000',
    LIMIT_WRONG_CODES_PER_MINUTE: '10000',
    LIMIT_WEBHOOKS: '10000',
    ...env,
  })
  const db = openDatabase(env.DATABASE_URL ?? databaseUrl, config.poolSize, patience)
  const app = await buildApp({ db, config, ...limits })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const refuseUndocumented = contractOf(app.swagger())
  t.teardown(async () => {
    await app.close()
    await db.close()
    await rm(dataDir, { recursive: true })
  })

  const caller = (token?: string): Caller => {
    const call =
      (method: string) =>
      async (path: string, body?: unknown, headers: Fields = {}) => {
        const response = await fetch(url + path, {
          method,
          headers: {
            ...(token && { authorization: `Bearer ${token}` }),
            ...(body !== undefined && { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        })
        const text = await response.text()
        const reply = { status: response.status, body: text && JSON.parse(text), headers: response.headers }
        refuseUndocumented(method, path, reply)
        return reply
      }
    const [get, put, post, patch, remove] = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'].map(call) as [
      ReturnType<typeof call>,
      ReturnType<typeof call>,
      ReturnType<typeof call>,
      ReturnType<typeof call>,
      ReturnType<typeof call>,
    ]
    return {
      get: (path, headers) => get(path, undefined, headers),
      put,
      post,
      patch,
      delete: (path, headers) => remove(path, undefined, headers),
    }
  }
  return {
    url,
    db,
    databaseUrl,
    config,
    user: (id, claims) => caller(sign({ ...person(id), ...claims })),
    service: (scope) => caller(sign({ sub: 'backend', scope })),
    stranger: caller(),
  }
}

/** Alice creates an organisation: most stories begin here. */
export async function withOrg(muster: Muster, name = 'Acme') {
  const alice = muster.user('alice')
  const { body: org } = await alice.post('/orgs', { name })
  return { alice, org, path: `/orgs/${org.id}` }
}

/** A fresh organisation of Alice's with one invitation, whose code is in the answer. */
export async function withInvitation(muster: Muster, draft: object) {
  const place = await withOrg(muster)
  const { body } = await place.alice.post(`${place.path}/invitations`, { notify: false, ...draft })
  return {
    ...place,
    code: body.code as string,
    id: body.id as string,
    one: `${place.path}/invitations/${body.id}`,
  }
}

/** Lets a user join by an invitation, with the role. */
export async function joinAs(muster: Muster, path: string, id: string, role = 'member'): Promise<Caller> {
  const user = muster.user(id)
  const invited = await muster
    .service('muster:write')
    .post(`${path}/invitations`, { email: `${id}@example.com`, role, notify: false })
  const accepted = await user.post(`/invitations/${invited.body.code}/accept`)
  if (accepted.status !== 201) throw new Error(`${id} could not join: ${JSON.stringify(accepted.body)}`)
  return user
}

function person(id: string) {
  return {
    sub: id,
    email: `${id}@example.com`,
    email_verified: true,
    name: id.charAt(0).toUpperCase() + id.slice(1),
  }
}

function sign(claims: Record<string, unknown>): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ exp: Math.floor(Date.now() / 1000) + 3600, ...claims })}`
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`
}
