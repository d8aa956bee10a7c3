import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { FIRST_TO_ACCEPT, invitedBy, inviteeOf, joinerOf, PREVIEWED } from '../../operations.ts'
import { EACH_IS_IN, idIn, type Size } from '../../world.ts'
import type { Contender } from '../contender.ts'
import { countOf, onDatabase } from '../durable-postgres.ts'
import { type Server, startServer } from '../server.ts'
import { callOf } from './calls.ts'

const run = promisify(execFile)

/** Installs the newest Better Auth in the folder, and makes and fills its tables. Returns its version. */
export async function furnishPeer(folder: string, databaseUrl: string, size: Size): Promise<string> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  const packages = ['better-auth@latest', 'pg@latest']
  await run('npm', ['install', '--no-audit', '--no-fund', ...packages], { cwd: folder })
  copyFileSync(join(import.meta.dirname, 'server.mjs'), join(folder, 'server.mjs'))
  const env = { DATABASE_URL: databaseUrl, AUTH_SECRET: 'only for the migrations, which sign nothing' }
  await run(process.execPath, ['server.mjs', 'migrate'], { cwd: folder, env })
  await onDatabase(databaseUrl, async (client) => {
    for (const statement of plant(size)) await client.query(statement)
  })
  return JSON.parse(readFileSync(join(folder, 'node_modules/better-auth/package.json'), 'utf8')).version
}

export function startPeer(folder: string, databaseUrl: string, secret: string): Promise<Server> {
  return startServer({
    command: `${process.execPath} server.mjs`,
    folder,
    env: { NODE_ENV: 'production', DATABASE_URL: databaseUrl, AUTH_SECRET: secret },
    log: join(folder, 'log'),
    ready: '/api/auth/ok',
  })
}

export function peerContender(
  version: string,
  databaseUrl: string,
  secret: string,
  server: Server,
  size: Size,
): Contender {
  const { orgs } = size
  return {
    name: `Better Auth ${version}`,
    server,
    call: ({ name }, n) => callOf(name, n, secret, size),
    stock: async (operation, from, count) => {
      if (operation !== 'accept') return
      await onDatabase(databaseUrl, async (client) => {
        for (const statement of invitations(orgs, FIRST_TO_ACCEPT + from, count))
          await client.query(statement)
      })
    },
    kept: async (operation, calls) => {
      if (operation === 'invite')
        return countOf(
          databaseUrl,
          'select count(*) from invitation where email = any($1)',
          calls.map(inviteeOf),
        )
      if (operation === 'accept')
        return countOf(
          databaseUrl,
          'select count(*) from member where "userId" = any($1)',
          calls.map(joinerOf),
        )
      return undefined
    },
  }
}

function plant({ orgs, large }: Size): string[] {
  const largeOrg = idIn(1, String(orgs))
  return [
    `insert into organization (id, name, slug, "createdAt")
      select ${idIn(1, 'n')}::text, 'Org ' || n, 'org-' || n, now() from generate_series(0, ${orgs}) as n`,
    ...people('p', 0, orgs),
    ...people('m', 0, large),
    `insert into member (id, "organizationId", "userId", role, "createdAt")
      select 'p' || n || '-' || step, ${idIn(1, `(n + step) % ${orgs}`)}::text, 'p' || n,
        case step when 0 then 'owner' else 'member' end, now()
      from generate_series(0, ${orgs} - 1) as n, generate_series(0, ${EACH_IS_IN} - 1) as step`,
    `insert into member (id, "organizationId", "userId", role, "createdAt")
      select 'm' || n, ${largeOrg}::text, 'm' || n, case n when 0 then 'owner' else 'member' end,
        now() - make_interval(secs => ${large} - n)
      from generate_series(0, ${large} - 1) as n`,
    ...invitations(orgs, 0, PREVIEWED),
    'vacuum analyze',
  ]
}

/** Inserts pending invitations, and the people whom they are for, signed in. */
function invitations(orgs: number, from: number, count: number): string[] {
  return [
    ...people(invitedBy(from), from, count),
    `insert into invitation (id, "organizationId", email, role, status, "expiresAt", "createdAt", "inviterId")
      select ${idIn(3, 'n')}::text, ${idIn(1, `n % ${orgs}`)}::text, '${invitedBy(from)}' || n || '@example.com', 'member',
        'pending', now() + interval '2 days', now(), 'p' || n % ${orgs}
      from generate_series(${from}, ${from + count - 1}) as n`,
  ]
}

/** Inserts people with a session each, which lasts a week like any new one. */
function people(letter: string, from: number, count: number): string[] {
  const numbers = `generate_series(${from}, ${from + count - 1}) as n`
  return [
    `insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
      select '${letter}' || n, 'Somebody', '${letter}' || n || '@example.com', true, now(), now() from ${numbers}`,
    `insert into session (id, token, "userId", "expiresAt", "createdAt", "updatedAt")
      select '${letter}' || n, 'token-${letter}' || n, '${letter}' || n, now() + interval '7 days', now(), now()
      from ${numbers}`,
  ]
}
