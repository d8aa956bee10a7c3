import { and, eq, sql } from 'drizzle-orm'
import { type Tx, theOne } from '../../../db/client.ts'
import { prepared, preparedText } from '../../../db/statement.ts'
import { grants } from '../../../db/tables/resources.ts'
import type { By } from '../../actor.ts'
import type { Role } from '../../roles.ts'
import { namedActor } from '../../users/queries/named-actor.ts'
import type { Grant, ResourceRole } from '../grant.ts'

const GRANT = {
  orgId: grants.orgId,
  resourceId: grants.resourceId,
  userId: grants.userId,
  role: grants.role,
  grantedAt: grants.grantedAt,
  grantedBy: namedActor(sql`grants.granted_by_type`, sql`grants.granted_by_id`),
  version: grants.version,
}

const wantedRoles = sql`jsonb_to_recordset(${sql.placeholder('wanted')}::jsonb) as wanted ("resourceId" uuid, role text)`

interface GrantKey {
  readonly orgId: string
  readonly resourceId: string
  readonly userId: string
}

const isThis = and(
  eq(grants.orgId, sql.placeholder('orgId')),
  eq(grants.userId, sql.placeholder('userId')),
  eq(grants.resourceId, sql.placeholder('resourceId')),
)

const grant = prepared('grant', (db) => db.select(GRANT).from(grants).where(isThis))

/** Reads under the org's lock, which every change of a grant takes. */
export async function findGrant(tx: Tx, key: GrantKey): Promise<Grant | undefined> {
  const [found] = await grant(tx, { ...key })
  return found
}

const grantPut = prepared('put_grant', (db) =>
  db
    .insert(grants)
    .values({
      orgId: sql.placeholder('orgId'),
      resourceId: sql.placeholder('resourceId'),
      userId: sql.placeholder('userId'),
      role: sql.placeholder('role'),
      grantedByType: sql.placeholder('byType'),
      grantedById: sql.placeholder('byId'),
    })
    .onConflictDoUpdate({
      target: [grants.orgId, grants.userId, grants.resourceId],
      set: {
        role: sql`excluded.role`,
        grantedByType: sql`excluded.granted_by_type`,
        grantedById: sql`excluded.granted_by_id`,
        grantedAt: sql`now()`,
        version: sql`${grants.version} + 1`,
      },
    })
    .returning(GRANT),
)

export async function putGrant(tx: Tx, grant: GrantKey & { readonly role: Role }, by: By): Promise<Grant> {
  const [put] = await grantPut(tx, { ...grant, byType: by.type, byId: by.id })
  return theOne(put)
}

const grantDeleted = prepared('delete_grant', (db) => db.delete(grants).where(isThis))

export async function deleteGrant(tx: Tx, key: GrantKey): Promise<void> {
  await grantDeleted(tx, { ...key })
}

const offeredGrants = preparedText<ResourceRole>(
  'insert_offered_grants',
  sql`insert into grants (org_id, user_id, resource_id, role, granted_by_type, granted_by_id)
    select resources.org_id, ${sql.placeholder('userId')}, resources.id, wanted.role,
      ${sql.placeholder('byType')}, ${sql.placeholder('byId')}
    from ${wantedRoles}
    join resources on resources.org_id = ${sql.placeholder('orgId')} and resources.id = wanted."resourceId"
    returning resource_id as "resourceId", role`,
)

/** Inserts the rights of an invitation, except on resources that have been deleted since. Returns those it gave. */
export async function insertGrantsOfMember(
  tx: Tx,
  { orgId, userId }: { orgId: string; userId: string },
  resourceRoles: readonly ResourceRole[],
  by: By,
): Promise<ResourceRole[]> {
  if (resourceRoles.length === 0) return []
  const wanted = JSON.stringify(resourceRoles)
  const { rows } = await offeredGrants(tx, { orgId, userId, byType: by.type, byId: by.id, wanted })
  return rows
}

const heldRights = preparedText<Held>(
  'held_rights',
  sql`select wanted."resourceId", wanted.role, grants.role as held,
      not exists (select from resources
        where resources.org_id = ${sql.placeholder('orgId')} and resources.id = wanted."resourceId") as deleted
    from ${wantedRoles}
    left join grants on grants.org_id = ${sql.placeholder('orgId')}
      and grants.user_id = ${sql.placeholder('userId')} and grants.resource_id = wanted."resourceId"
    order by wanted."resourceId"`,
)

interface Held extends ResourceRole {
  readonly held: Role | null
  readonly deleted: boolean
}

/**
 * Returns each of these roles with what the member holds there by a grant now, and whether the resource has been
 * deleted.
 */
export async function findHeld(
  tx: Tx,
  { orgId, userId }: { orgId: string; userId: string },
  resourceRoles: readonly ResourceRole[],
): Promise<Held[]> {
  const { rows } = await heldRights(tx, { orgId, userId, wanted: JSON.stringify(resourceRoles) })
  return rows
}
