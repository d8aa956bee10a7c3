import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { FIRST_TO_ACCEPT, invitedBy, inviteeOf, joinerOf, PREVIEWED } from '../operations.ts'
import { idIn, plantWorld, type Size } from '../world.ts'
import type { Contender } from './contender.ts'
import { countOf, onDatabase } from './durable-postgres.ts'
import { FLOOR_TABLES } from './floor-tables.ts'
import { type Server, startServer } from './server.ts'

export async function furnishFloor(databaseUrl: string, size: Size): Promise<void> {
  await onDatabase(databaseUrl, async (client) => {
    await client.query(FLOOR_TABLES)
    await plantWorld(client, size)
  })
  await plantInvitations(databaseUrl, size, 0, PREVIEWED)
}

export function startFloor(databaseUrl: string, secret: string, folder: string): Promise<Server> {
  mkdirSync(folder, { recursive: true })
  return startServer({
    command: `${process.execPath} ${join(import.meta.dirname, 'floor.ts')}`,
    folder: join(import.meta.dirname, '../../..'),
    env: { NODE_ENV: 'production', DATABASE_URL: databaseUrl, JWT_SECRET: secret },
    log: join(folder, 'log'),
    ready: '/readyz',
  })
}

export function floorContender(databaseUrl: string, secret: string, server: Server, size: Size): Contender {
  return {
    name: 'floor',
    server,
    call: (operation, n) => operation.call(n, secret),
    stock: async (operation, from, count) => {
      if (operation === 'accept') await plantInvitations(databaseUrl, size, FIRST_TO_ACCEPT + from, count)
    },
    kept: async (operation, calls) => {
      if (operation === 'invite')
        return countOf(
          databaseUrl,
          'select count(*) from invitations where email = any($1)',
          calls.map(inviteeOf),
        )
      if (operation === 'accept')
        return countOf(
          databaseUrl,
          'select count(*) from members where user_id = any($1)',
          calls.map(joinerOf),
        )
      return undefined
    },
  }
}

async function plantInvitations(
  databaseUrl: string,
  { orgs }: Size,
  from: number,
  count: number,
): Promise<void> {
  await onDatabase(databaseUrl, (client) =>
    client.query(`insert into invitations (org_id, email, role, inviter_id, code_hash)
      select ${idIn(1, `n % ${orgs}`)}, '${invitedBy(from)}' || n || '@example.com', 'member', 'p' || n % ${orgs},
        sha256(lpad(n::text, 24, '0')::bytea)
      from generate_series(${from}, ${from + count - 1}) as n`),
  )
}
