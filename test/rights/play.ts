import type { Database } from '../../src/db/client.ts'
import type { Actor } from '../../src/domain/actor.ts'
import { DomainError } from '../../src/domain/errors.ts'
import { acceptInvitation } from '../../src/domain/invitations/accept.ts'
import { invite } from '../../src/domain/invitations/invite.ts'
import { changeRole } from '../../src/domain/members/change-role.ts'
import { removeMember } from '../../src/domain/members/remove.ts'
import { deleteOrg } from '../../src/domain/orgs/delete.ts'
import { restoreOrg } from '../../src/domain/orgs/restore.ts'
import { updateOrg } from '../../src/domain/orgs/update.ts'
import { createResource } from '../../src/domain/resources/create.ts'
import { deleteResource } from '../../src/domain/resources/delete.ts'
import { grantRole } from '../../src/domain/resources/grant-role.ts'
import { updateResource } from '../../src/domain/resources/update.ts'
import { withdrawRole } from '../../src/domain/resources/withdraw-role.ts'
import { BACKEND, USERS } from './histories.ts'
import { type World, wayUp } from './model.ts'
import type { Attempt } from './world.ts'

const MANY = 1_000_000
const SETTINGS = {
  appUrl: 'https://app.example.com/join',
  limits: {
    resendsPerMinute: MANY,
    resendsPerDay: MANY,
    invitationsPerTenMinutes: MANY,
    pendingPerOrg: MANY,
    mailsPerAddressPerDay: MANY,
    wrongCodesPerMinute: MANY,
  },
}

export function actorOf(id: string): Actor {
  if (id === BACKEND)
    return { type: 'service', id, scopes: new Set(['muster:check', 'muster:read', 'muster:write']) }
  return { type: 'user', id, email: `${id}@example.com`, emailVerified: true, name: nameOf(id) }
}

export function nameOf(userId: string): string {
  return `${userId.charAt(0).toUpperCase()}${userId.slice(1)}`
}

/** Inserts all users except the stranger, whom Muster does not know. */
export async function plantUsers({ pool }: Database): Promise<void> {
  await pool.query(
    `insert into users (id, name, email, email_verified)
     select id, initcap(id), id || '@example.com', true from unnest($1::text[]) as people (id)`,
    [USERS],
  )
}

/** Inserts the world as it begins, in one statement for each table. */
export async function plant({ pool }: Database, world: World): Promise<void> {
  const orgs = [...world.values()]
  const write = (statement: string, rows: unknown[]) => pool.query(statement, [JSON.stringify(rows)])
  await write(
    `insert into orgs (id, name, member_access)
     select id, name, access from jsonb_to_recordset($1) as org (id uuid, name text, access text)`,
    orgs.map(({ id, name, memberAccess }) => ({ id, name, access: memberAccess })),
  )
  await write(
    `insert into members (org_id, user_id, role, source)
     select org, "user", role, 'created' from jsonb_to_recordset($1) as member (org uuid, "user" text, role text)`,
    orgs.flatMap(({ id, members }) => [...members].map(([user, { role }]) => ({ org: id, user, role }))),
  )
  await write(
    `insert into resources (org_id, id, parent_id, path, type, name)
     select org, path[cardinality(path)], path[cardinality(path) - 1], path, 'place', name
     from jsonb_to_recordset($1) as resource (org uuid, path uuid[], name text)`,
    orgs.flatMap((org) =>
      [...org.resources].map(([id, { name }]) => ({ org: org.id, name, path: wayUp(org, id).reverse() })),
    ),
  )
  await write(
    `insert into grants (org_id, user_id, resource_id, role, granted_by_type, granted_by_id)
     select org, "user", resource, role, 'service', '${BACKEND}'
     from jsonb_to_recordset($1) as granted (org uuid, "user" text, resource uuid, role text)`,
    orgs.flatMap(({ id, grants }) =>
      grants.map(({ userId, resourceId, role }) => ({ org: id, user: userId, resource: resourceId, role })),
    ),
  )
}

/** Resolves with the value, or with the code of the refusal. */
export async function outcomeOf<T>(promise: Promise<T>): Promise<T | string> {
  return promise.catch((error: unknown) => {
    if (error instanceof DomainError) return error.code
    throw error
  })
}

/** @returns the code of the refusal, or the id of what was created, if any. */
export async function attempt(
  db: Database,
  world: World,
  { orgId, by, change }: Attempt,
): Promise<{ refused?: string; id?: string }> {
  const outcome = await outcomeOf(run())
  return typeof outcome === 'string' ? { refused: outcome } : outcome

  async function run(): Promise<{ id?: string }> {
    const actor = actorOf(by.id)
    switch (change.do) {
      case 'create': {
        const { parentId, name } = change
        return { id: (await createResource(db, actor, { orgId, type: 'place', name, parentId })).id }
      }
      case 'move': {
        const { resourceId, parentId } = change
        await updateResource(db, actor, { orgId, resourceId, change: { parentId } })
        return {}
      }
      case 'delete':
        await deleteResource(db, actor, { orgId, ...change })
        return {}
      case 'grant':
        await grantRole(db, actor, { orgId, ...change })
        return {}
      case 'withdraw':
        await withdrawRole(db, actor, { orgId, ...change })
        return {}
      case 'change role':
        await changeRole(db, actor, { orgId, ...change })
        return {}
      case 'remove':
        await removeMember(db, actor, { orgId, ...change })
        return {}
      case 'join': {
        const { userId, role, on } = change
        const email = `${userId}@example.com`
        const resourceRoles = on ? [on] : []
        const { code } = await invite(
          db,
          actor,
          { orgId, email, role, resourceRoles, notify: false },
          SETTINGS,
        )
        await acceptInvitation(db, actorOf(userId), { code: code ?? '' })
        return {}
      }
      case 'open':
        await updateOrg(db, actor, { orgId, change: { memberAccess: change.memberAccess } })
        return {}
      case 'delete org':
        await deleteOrg(db, actor, { orgId, confirm: world.get(orgId)?.name ?? '' })
        return {}
      case 'restore org':
        await restoreOrg(db, actor, { orgId })
        return {}
    }
  }
}
