import { sql } from 'drizzle-orm'
import type { Tx } from '../../../db/client.ts'
import type { GrantLine, Line, MemberLine, OrgLine, ResourceLine } from '../line.ts'

// Each of four cursors reads in the order of an index, so that nothing is sorted and nothing is held in memory. A thing
// without `externalId` is named by Muster's id. A line leaves out what is null.

const NAME_OF_ORG = sql`coalesce(orgs.external_id, orgs.id::text)`
const NAME_OF_RESOURCE = sql`coalesce(resources.external_id, resources.id::text)`

const ORGS = sql`
  select json_strip_nulls(json_build_object('type', 'org', 'externalId', ${NAME_OF_ORG}, 'name', orgs.name,
      'adminUserId', (select user_id from members where org_id = orgs.id and role = 'admin'
        order by user_id is distinct from named_after, user_id limit 1),
      'slug', slug, 'logoUrl', logo_url, 'memberAccess', member_access, 'namedAfter', named_after))::jsonb
    || jsonb_build_object('metadata', metadata) as line
  from orgs where deleted_at is null order by orgs.id`

const MEMBERS = sql`
  select json_strip_nulls(json_build_object('type', 'member', 'org', ${NAME_OF_ORG}, 'userId', user_id, 'role', role,
    'email', email, 'emailVerified', email_verified, 'name', users.name,
    'signedUp', case when signed_up_at is not null then true end)) as line
  from members join orgs on orgs.id = org_id and deleted_at is null join users on users.id = user_id
  order by org_id, user_id`

const RESOURCES = sql`
  select json_strip_nulls(json_build_object('type', 'resource', 'org', ${NAME_OF_ORG}, 'externalId', ${NAME_OF_RESOURCE},
      'parent', (select coalesce(parent.external_id, parent.id::text) from resources as parent
        where parent.org_id = resources.org_id and parent.id = resources.parent_id),
      'resourceType', resources.type, 'name', resources.name))::jsonb
    || jsonb_build_object('metadata', resources.metadata) as line
  from resources join orgs on orgs.id = resources.org_id and deleted_at is null
  order by resources.org_id, resources.path`

const GRANTS = sql`
  select json_build_object('type', 'grant', 'org', ${NAME_OF_ORG}, 'resource', ${NAME_OF_RESOURCE},
    'userId', user_id, 'role', role) as line
  from grants join orgs on orgs.id = grants.org_id and deleted_at is null
  join resources on resources.org_id = grants.org_id and resources.id = resource_id
  order by grants.org_id, user_id, resource_id`

/** Yields everything in live organisations, `atOnce` lines at a time. Whatever a line names comes before it. */
export async function* fetchLines(tx: Tx, atOnce: number): AsyncGenerator<Line[]> {
  for (const query of [ORGS, MEMBERS, RESOURCES, GRANTS]) {
    await tx.execute(sql`declare lines no scroll cursor for ${query}`)
    for (;;) {
      const { rows } = await tx.execute<{ line: OrgLine | MemberLine | ResourceLine | GrantLine }>(
        sql.raw(`fetch ${atOnce} from lines`),
      )
      if (rows.length === 0) break
      yield rows.map(({ line }) => line)
    }
    await tx.execute(sql`close lines`)
  }
}
