import { Client } from 'pg'
import type { Test } from 'tap'
import { brokenEvents } from './event-invariants.ts'
import { brokenTrees } from './tree-invariants.ts'

export interface Look {
  readonly complaints: readonly string[]
  readonly standing: Standing
}

/** The members, resources and grants of one moment. */
export interface Standing {
  readonly members: readonly { readonly orgId: string; readonly userId: string; readonly role: string }[]
  readonly resources: readonly { readonly orgId: string; readonly id: string }[]
  readonly grants: readonly {
    readonly orgId: string
    readonly resourceId: string
    readonly userId: string
    readonly role: string
  }[]
}

/** Looks at one committed state at a time, and compares it with the one before. */
export async function openWatch(
  t: Pick<Test, 'teardown'>,
  databaseUrl: string,
): Promise<() => Promise<Look>> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  t.teardown(() => client.end())
  let before = new Map<string, Thing>()
  return async () => {
    await client.query('begin isolation level repeatable read read only')
    const broken = await client.query<{ complaint: string }>(BROKEN)
    const things = await client.query<Thing>(THINGS)
    const members = await client.query('select org_id as "orgId", user_id as "userId", role from members')
    const resources = await client.query('select org_id as "orgId", id from resources')
    const grants = await client.query(
      'select org_id as "orgId", resource_id as "resourceId", user_id as "userId", role from grants',
    )
    await client.query('commit')
    const now = new Map(things.rows.map((thing) => [thing.name, thing]))
    const sudden = things.rows.flatMap((thing) => unlike(before.get(thing.name), thing))
    before = now
    return {
      complaints: [...broken.rows.map(({ complaint }) => complaint), ...sudden],
      standing: { members: members.rows, resources: resources.rows, grants: grants.rows },
    }
  }
}

interface Thing {
  readonly name: string
  readonly version: number
  readonly content: string
}

function unlike(before: Thing | undefined, { name, version, content }: Thing): string[] {
  if (!before) return []
  if (version < before.version) return [`${name} went back to version ${version}`]
  return version === before.version && content !== before.content
    ? [`${name} changed and kept its version`]
    : []
}

const isNewest = `not exists (select from sendings newer where newer.org_id = sendings.org_id
  and newer.invitation_id = sendings.invitation_id and newer.id > sendings.id)`

const acceptancesOf = `(select count(*) from acceptances
  where acceptances.org_id = invitations.org_id and acceptances.invitation_id = invitations.id)`

const BROKEN = `
  select 'nobody is Admin of ' || id as complaint from orgs
    where deleted_at is null and not exists (select from members where org_id = orgs.id and role = 'admin')
  union all select 'twice a member: ' || user_id from members group by org_id, user_id having count(*) > 1
  union all select 'two are pending for ' || email from invitations
    where status = 'pending' and expires_at > now() and email is not null group by org_id, email having count(*) > 1
  union all select 'more uses than allowed of ' || id from invitations where uses > max_uses
  union all select 'uses and acceptances differ of ' || id from invitations where uses <> ${acceptancesOf}
  union all select 'accepted, but not used up: ' || id from invitations where status = 'accepted' and uses <> max_uses
  union all select 'used up, but not accepted: ' || id from invitations where status <> 'accepted' and uses = max_uses
  union all select 'accepted, and when is not known: ' || id from invitations
    where (status = 'accepted') <> (accepted_at is not null)
  union all select 'came in without an acceptance: ' || user_id from members where source = 'invitation'
    and not exists (select from acceptances where org_id = members.org_id and user_id = members.user_id)
  union all select 'queued, and no job will send it: ' || id from invitations where delivery = 'queued'
    and not exists (select from sendings join graphile_worker._private_jobs job
      on job.payload ->> 'sendingId' = sendings.id::text
      where sendings.org_id = invitations.org_id and sendings.invitation_id = invitations.id
        and sendings.sent_at is null and ${isNewest})
  union all select 'said to be sent, and no mail was: ' || id from invitations where delivery = 'sent'
    and not exists (select from sendings where sendings.org_id = invitations.org_id
      and sendings.invitation_id = invitations.id and sent_at is not null)
  union all ${brokenTrees()}
  union all ${brokenEvents()}`

// Not a change of the thing itself: what the mail job sets, and the passing of time.
const THINGS = `
  select 'org ' || id as name, version,
    md5(row(name, slug, logo_url, member_access, metadata, external_id, deleted_at)::text) as content from orgs
  union all select 'member ' || user_id || ' of ' || org_id || ' since ' || joined_at, version, role from members
  union all select 'invitation ' || id, version, md5(row(email, role, status, max_uses, uses, inviter_id,
    resource_roles, expires_in_days, accepted_at, declined_at, revoked_at)::text) from invitations
  union all select 'resource ' || id, version,
    md5(row(parent_id, type, name, external_id, metadata)::text) from resources
  union all select concat('grant to ', user_id, ' on ', resource_id, ' at ', granted_at), version, role from grants
  union all select 'what the deleted org ' || id || ' holds', version, md5(concat(
    (select string_agg(row(user_id, role, members.version)::text, ' ' order by user_id) from members where org_id = orgs.id),
    (select string_agg(row(invitations.id, invitations.version)::text, ' ' order by invitations.id)
      from invitations where org_id = orgs.id),
    (select string_agg(row(resources.id, path, resources.version)::text, ' ' order by resources.id)
      from resources where org_id = orgs.id),
    (select string_agg(row(user_id, resource_id, grants.version)::text, ' ' order by user_id, resource_id)
      from grants where org_id = orgs.id)))
    from orgs where deleted_at is not null`
