import { and, eq, type SQL, sql } from 'drizzle-orm'
import { type Tx, theOne } from '../../../db/client.ts'
import { grants } from '../../../db/tables/resources.ts'
import type { By } from '../../actor.ts'
import type { Role } from '../../roles.ts'
import type { Grant, GrantedBy, ResourceRole } from '../grant.ts'

const grantedBy = sql<GrantedBy>`json_build_object(
  'type', grants.granted_by_type,
  'userId', grants.granted_by_id,
  'name', (select name from users where users.id = grants.granted_by_id and grants.granted_by_type = 'user'))`

const GRANT = {
  orgId: grants.orgId,
  resourceId: grants.resourceId,
  userId: grants.userId,
  role: grants.role,
  grantedAt: grants.grantedAt,
  grantedBy,
  version: grants.version,
}

export interface GrantKey {
  readonly orgId: string
  readonly resourceId: string
  readonly userId: string
}

const isThis = ({ orgId, resourceId, userId }: GrantKey): SQL | undefined =>
  and(eq(grants.orgId, orgId), eq(grants.userId, userId), eq(grants.resourceId, resourceId))

/** Read under the org's lock, which everybody takes who changes a grant. */
export async function findGrant(tx: Tx, key: GrantKey): Promise<Grant | undefined> {
  const [grant] = await tx.select(GRANT).from(grants).where(isThis(key))
  return grant
}

export async function putGrant(
  tx: Tx,
  by: By,
  { orgId, resourceId, userId, role }: GrantKey & { role: Role },
): Promise<Grant> {
  const granted = { role, grantedByType: by.type, grantedById: by.id }
  const [grant] = await tx
    .insert(grants)
    .values({ orgId, resourceId, userId, ...granted })
    .onConflictDoUpdate({
      target: [grants.orgId, grants.userId, grants.resourceId],
      set: { ...granted, grantedAt: sql`now()`, version: sql`${grants.version} + 1` },
    })
    .returning(GRANT)
  return theOne(grant)
}

export async function deleteGrant(tx: Tx, key: GrantKey): Promise<void> {
  await tx.delete(grants).where(isThis(key))
}

/** What came with an invitation; a resource that has been deleted since is left out. Answers what was given. */
export async function insertGrants(
  tx: Tx,
  by: By,
  { orgId, userId }: { orgId: string; userId: string },
  resourceRoles: readonly ResourceRole[],
): Promise<ResourceRole[]> {
  const { rows } = await tx.execute<ResourceRole & Record<string, unknown>>(sql`
    insert into grants (org_id, user_id, resource_id, role, granted_by_type, granted_by_id)
    select resources.org_id, ${userId}, resources.id, wanted.role, ${by.type}, ${by.id}
    from ${asRows(resourceRoles)}
    join resources on resources.org_id = ${orgId} and resources.id = wanted."resourceId"
    returning resource_id as "resourceId", role`)
  return rows
}

/** Of these roles those that the member holds by a grant now, and those whose resource is no more. */
export async function findHeld(
  tx: Tx,
  { orgId, userId }: { orgId: string; userId: string },
  resourceRoles: readonly ResourceRole[],
): Promise<{ resourceId: string; role: Role; held: Role | null; deleted: boolean }[]> {
  return tx
    .select({
      resourceId: sql<string>`wanted."resourceId"`,
      role: sql<Role>`wanted.role`,
      held: grants.role,
      deleted: sql<boolean>`not exists (select from resources
        where resources.org_id = ${orgId} and resources.id = wanted."resourceId")`,
    })
    .from(asRows(resourceRoles))
    .leftJoin(
      grants,
      and(eq(grants.orgId, orgId), eq(grants.userId, userId), sql`grants.resource_id = wanted."resourceId"`),
    )
    .orderBy(sql`wanted."resourceId"`)
}

function asRows(resourceRoles: readonly ResourceRole[]): SQL {
  return sql`jsonb_to_recordset(${JSON.stringify(resourceRoles)}::jsonb) as wanted ("resourceId" uuid, role text)`
}
