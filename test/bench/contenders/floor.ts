import { createHash, randomBytes } from 'node:crypto'
import fastifyJwt from '@fastify/jwt'
import Fastify from 'fastify'
import { Pool } from 'pg'
import { STATEMENTS } from './floor-tables.ts'

// The floor: the least that the operations cost on this machine and with these tools. A bare Fastify app verifies a
// token and runs one prepared statement, written by hand. It keeps no log and no record of events, counts no limits and
// refuses hardly anything. `/hello` does not even query the database.

const { DATABASE_URL, JWT_SECRET = '', PORT } = process.env
const pool = new Pool({ connectionString: DATABASE_URL, max: 10 })
const app = Fastify()
await app.register(fastifyJwt, { secret: JWT_SECRET })

interface Caller {
  readonly sub: string
  readonly email: string
  readonly name: string
}

const ask = (name: keyof typeof STATEMENTS, values: unknown[]) => {
  const text = TEXTS[name]
  return pool.query({ name, text, values })
}
const TEXTS = Object.fromEntries(
  Object.entries(STATEMENTS).map(([name, statement]) => [
    name,
    (statement as (...parameters: string[]) => string)('$1', '$2', '$3', '$4', '$5'),
  ]),
) as Record<keyof typeof STATEMENTS, string>

app.addHook('onRequest', async (request) => {
  if (request.url !== '/readyz') await request.jwtVerify()
})

app.get('/readyz', async () => (await pool.query('select 1')).rows)

app.get('/hello', async ({ user }) => ({ hello: (user as Caller).sub }))

app.get('/me', async ({ user }) => (await ask('me', [(user as Caller).sub])).rows[0])

app.post<{ Body: { checks: { orgId: string; resourceId: string }[] } }>(
  '/access/check',
  async ({ user, body: { checks } }) => {
    const orgs = checks.map(({ orgId }) => orgId)
    const resources = checks.map(({ resourceId }) => resourceId)
    const { rows } =
      checks.length === 1
        ? await ask('check', [(user as Caller).sub, orgs[0], resources[0]])
        : await ask('checks', [(user as Caller).sub, orgs, resources])
    return { results: rows.map(({ role }) => ({ allowed: role !== null, role })) }
  },
)

app.get<{ Params: { orgId: string }; Querystring: { limit: string } }>(
  '/orgs/:orgId/members',
  async ({ user, params: { orgId }, query: { limit } }) => {
    const { rows } = await ask('members', [(user as Caller).sub, orgId, Number(limit) + 1])
    return { items: rows.slice(0, Number(limit)), more: rows.length > Number(limit) }
  },
)

app.get('/orgs', async ({ user }) => ({ items: (await ask('orgs', [(user as Caller).sub])).rows }))

app.get<{ Params: { code: string } }>('/invitations/:code', async ({ params: { code } }, reply) => {
  const [found] = (await ask('preview', [hashOf(code)])).rows
  return found ?? reply.code(404).send()
})

app.post<{ Params: { orgId: string }; Body: { email: string; role: string } }>(
  '/orgs/:orgId/invitations',
  async ({ user, params: { orgId }, body: { email, role } }, reply) => {
    const code = randomBytes(15).toString('hex')
    const [made] = (await ask('invite', [(user as Caller).sub, orgId, email, role, hashOf(code)])).rows
    return made ? reply.code(201).send({ ...made, code }) : reply.code(403).send()
  },
)

app.post<{ Params: { code: string } }>(
  '/invitations/:code/accept',
  async ({ user, params: { code } }, reply) => {
    const { sub, email, name } = user as Caller
    const [joined] = (await ask('accept', [sub, email, name, hashOf(code)])).rows
    return joined ? reply.code(201).send(joined) : reply.code(404).send()
  },
)

await app.listen({ host: '127.0.0.1', port: Number(PORT) })
process.once('SIGTERM', () => process.exit())

function hashOf(code: string): Buffer {
  return createHash('sha256').update(code).digest()
}
