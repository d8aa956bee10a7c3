import { and, eq, getTableColumns, isNull, not, type Placeholder, type SQL, sql } from 'drizzle-orm'
import { invitations } from '../../../db/tables/invitations.ts'
import { orgs } from '../../../db/tables/orgs.ts'
import { namedActor } from '../../users/queries/named-actor.ts'
import type { Invitation, Status } from '../invitation.ts'

// Fragments with a subquery are written out: Drizzle drops table names from the columns of a single-table select, and
// `members.org_id = invitations.org_id` would become `org_id = org_id`, which is always true.

/** The status by the database's clock: no job has to mark what has lapsed. */
const status = sql<Status>`case when invitations.status = 'pending' and invitations.expires_at <= now() then 'expired'
  else invitations.status end`

const invitedBy = namedActor(sql`invitations.inviter_type`, sql`invitations.inviter_id`)

const { inviterType, inviterId, status: stored, expiresInDays, ...asStored } = getTableColumns(invitations)

/** An invitation as the domain knows it. It needs no join, so that `returning` can use it too. */
export const INVITATION = { ...asStored, status, invitedBy }

/** The ids by which a statement finds one invitation. */
export type InvitationRef = Pick<Invitation, 'orgId' | 'id'>

export const refOf = ({ orgId, id }: InvitationRef): InvitationRef => ({ orgId, id })

export const isThis = and(
  eq(invitations.orgId, sql.placeholder('orgId')),
  eq(invitations.id, sql.placeholder('id')),
)

export const nextVersion = sql`${invitations.version} + 1`

export const isPending = sql`(invitations.status = 'pending' and invitations.expires_at > now())`

/** A service is trusted as long as its tokens are; a user only while they are Admin. */
export const inviterIsAdmin = sql<boolean>`(invitations.inviter_type = 'service' or exists (
  select from members where members.org_id = invitations.org_id and members.user_id = invitations.inviter_id
    and members.role = 'admin'))`

export function isMember(userId: string | Placeholder) {
  // `offset 0` makes it one lookup in the primary key for each invitation. Otherwise PostgreSQL plans for a user in few
  // organisations, and would read all of the user's each time.
  return sql<boolean>`exists (select from members
    where members.org_id = invitations.org_id and members.user_id = ${userId} offset 0)`
}

export function hasAccepted(userId: string | Placeholder) {
  return sql<boolean>`exists (select from acceptances
    where acceptances.org_id = invitations.org_id and acceptances.invitation_id = invitations.id
      and acceptances.user_id = ${userId})`
}

const makesAdmin = sql`(invitations.role = 'admin' or invitations.resource_roles @> '[{"role":"admin"}]')`

/** True for the invitations in a user's bell: those that they could accept. None without a verified address. */
export function openTo(
  userId: string | Placeholder,
  verifiedEmail: string | null | Placeholder,
): SQL | undefined {
  const grants = sql`(not ${makesAdmin} or ${inviterIsAdmin})`
  return and(
    sql`invitations.email = ${verifiedEmail}::text`,
    isPending,
    isNull(orgs.deletedAt),
    not(isMember(userId)),
    grants,
  )
}
