import { sql } from 'drizzle-orm'
import type { Sql } from '../../../db/client.ts'
import { preparedText } from '../../../db/statement.ts'
import type { Event } from '../../events/event.ts'
import type { Invitation } from '../../invitations/invitation.ts'
import type { Source } from '../../members/member.ts'
import type { ResourceRole } from '../../resources/grant.ts'
import type { Role } from '../../roles.ts'
import type { Profile } from '../user.ts'
import { addressesOf } from './involvement.ts'

/** Events in an export, the newest that name the person. The feed and the audit logs have them all. */
const EVENTS_IN_EXPORT = 10_000

/** The data kept about a person. Others appear in it only as ids. Times are ISO 8601, UTC. */
export interface UserExport {
  readonly user: Profile & { readonly signedUpAt: string | null; readonly createdAt: string }
  readonly memberships: {
    readonly orgId: string
    readonly orgName: string
    readonly orgDeleted: boolean
    readonly role: Role
    readonly source: Source
    readonly joinedAt: string
  }[]
  readonly grants: (ResourceRole & {
    readonly orgId: string
    readonly resourceName: string
    readonly grantedAt: string
  })[]
  readonly invitationsReceived: (Pick<
    Invitation,
    'id' | 'orgId' | 'email' | 'role' | 'status' | 'message' | 'declineReason'
  > & { readonly orgName: string; readonly createdAt: string })[]
  readonly invitationsSent: (Pick<Invitation, 'id' | 'orgId' | 'role' | 'message'> & {
    readonly createdAt: string
  })[]
  readonly events: (Omit<Event, 'data' | 'occurredAt'> & { readonly occurredAt: string })[]
  /** True when there are more events than EVENTS_IN_EXPORT. */
  readonly moreEvents: boolean
}

const userId = sql.placeholder('userId')

const exported = preparedText<{ export: UserExport }>(
  'export_user',
  sql`with person as (select * from users where id = ${userId}),
    addresses as (
      select email from person where email_verified and email is not null
      union (${addressesOf(userId)})),
    mine as (
      (select * from events where actor_id = ${userId} and actor_type = 'user'
        order by occurred_at desc, serial desc limit ${EVENTS_IN_EXPORT + 1})
      union
      (select * from events where subject_id = ${userId} and subject_type = 'user'
        order by occurred_at desc, serial desc limit ${EVENTS_IN_EXPORT + 1})),
    newest as (select * from mine order by occurred_at desc, serial desc limit ${EVENTS_IN_EXPORT})
    select json_build_object(
      'user', json_build_object('id', id, 'email', email, 'emailVerified', email_verified, 'name', name,
        'signedUpAt', ${iso('signed_up_at')}, 'createdAt', ${iso('created_at')}),
      'memberships', (select coalesce(json_agg(json_build_object(
          'orgId', orgs.id, 'orgName', orgs.name, 'orgDeleted', orgs.deleted_at is not null, 'role', role,
          'source', source, 'joinedAt', ${iso('joined_at')}) order by joined_at, orgs.id), '[]')
        from members join orgs on orgs.id = org_id where user_id = ${userId}),
      'grants', (select coalesce(json_agg(json_build_object(
          'orgId', grants.org_id, 'resourceId', resource_id, 'resourceName', resources.name, 'role', role,
          'grantedAt', ${iso('granted_at')}) order by granted_at, resource_id), '[]')
        from grants join resources on resources.org_id = grants.org_id and resources.id = resource_id
        where user_id = ${userId}),
      'invitationsReceived', (select coalesce(json_agg(json_build_object(
          'id', invitations.id, 'orgId', org_id, 'orgName', orgs.name, 'email', email, 'role', role,
          'status', case when status = 'pending' and expires_at <= now() then 'expired' else status end,
          'message', message, 'declineReason', decline_reason, 'createdAt', ${iso('invitations.created_at')})
          order by invitations.id), '[]')
        from invitations join orgs on orgs.id = org_id where email in (select email from addresses)),
      'invitationsSent', (select coalesce(json_agg(json_build_object(
          'id', id, 'orgId', org_id, 'role', role, 'message', message, 'createdAt', ${iso('created_at')})
          order by id), '[]')
        from invitations where inviter_id = ${userId} and inviter_type = 'user'),
      'events', (select coalesce(json_agg(json_build_object(
          'id', id, 'type', type, 'orgId', org_id,
          'actor', json_build_object('type', actor_type, 'userId', actor_id),
          'subject', json_build_object('type', subject_type, 'id', subject_id),
          'occurredAt', ${iso('occurred_at')}, 'sequence', sequence)
          order by occurred_at desc, serial desc), '[]') from newest),
      'moreEvents', (select count(*) from mine) > ${EVENTS_IN_EXPORT}) as export
    from person`,
)

/** Counts an address as the person's when it is verified, or when they answered with it, as an erasure does. */
export async function findExport(db: Sql, userId: string): Promise<UserExport | undefined> {
  const { rows } = await exported(db, { userId })
  return rows[0]?.export
}

/** Formats a time as `Date.toISOString` does. */
function iso(column: string) {
  return sql.raw(`to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`)
}
