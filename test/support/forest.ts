import { Client } from 'pg'
import type { Test } from 'tap'
import { v7 as uuidv7 } from 'uuid'
import { theOne } from '../../src/db/client.ts'

/** Plants organisations and trees, one statement a layer: one call a row would take minutes. */
export interface Forester {
  /** Plants organisations with an Admin and Members who are nowhere else. */
  plantOrgs(count: number, members: number): Promise<PlantedOrg[]>
  plantOrg(members: number): Promise<PlantedOrg>
  /** @param levels number of resources on each level, from the root: `[1, 2, 8]` has two branches of four. */
  plantTree(org: PlantedOrg, levels: readonly number[]): Promise<PlantedTree>
  grant(org: PlantedOrg, grants: readonly PlantedGrant[]): Promise<void>
  /** Adds invoice information to each of these resources. */
  bill(org: PlantedOrg, resourceIds: readonly string[]): Promise<void>
  setMemberAccess(org: PlantedOrg, access: 'granted' | 'all'): Promise<void>
  /** Analyzes the tables, as autovacuum does after a while: how many rows there are, and of what kind. */
  survey(): Promise<void>
}

export interface PlantedOrg {
  readonly id: string
  readonly admin: string
  /** User id of a Member, counted from zero. */
  member(position: number): string
}

export interface PlantedTree {
  /** Ids in the order of creation: level by level. */
  readonly ids: readonly string[]
  readonly root: string
  /** @param level 1 for the root's. */
  at(level: number, position: number): string
}

export interface PlantedGrant {
  readonly userId: string
  readonly resourceId: string
  readonly role?: 'admin' | 'accounting' | 'member'
}

/** 10,000 resources, 8 deep. */
export const DEEP = [1, 4, 16, 64, 256, 1_024, 2_600, 6_035]
/** 10,000 resources, all but one directly in the first. */
export const WIDE = [1, 9_999]

/** Uses a connection of its own, because planting may take longer than Muster allows a statement. */
export async function forester(t: Pick<Test, 'teardown'>, databaseUrl: string): Promise<Forester> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  t.teardown(() => client.end())

  async function plantOrgs(count: number, members: number): Promise<PlantedOrg[]> {
    const ids = Array.from({ length: count }, () => uuidv7())
    await client.query(
      `with org as (select id from unnest($1::uuid[]) as org (id)),
        person as (
          select id as org_id, id || '-admin' as user_id, 'admin' as role from org
          union all select id, id || '-' || n, 'member' from org, generate_series(0, $2::int - 1) as n),
        planted as (insert into orgs (id, name) select id, 'Planted' from org),
        known as (insert into users (id, name) select user_id, 'Somebody' from person)
      insert into members (org_id, user_id, role, source) select org_id, user_id, role, 'provisioned' from person`,
      [ids, members],
    )
    return ids.map((id) => ({ id, admin: `${id}-admin`, member: (position) => `${id}-${position}` }))
  }

  async function plantLevel(org: PlantedOrg, name: string, ids: string[], above: string[]): Promise<void> {
    const parents = ids.map((_, n) => above[Math.floor((n * above.length) / ids.length)] ?? null)
    await client.query(
      `insert into resources (org_id, id, parent_id, path, type, name)
      select $1, child.id, parent.id, coalesce(parent.path, '{}') || child.id, $4, $4 || ' ' || child.position
      from unnest($2::uuid[], $3::uuid[]) with ordinality as child (id, parent_id, position)
      left join resources as parent on parent.org_id = $1 and parent.id = child.parent_id`,
      [org.id, ids, parents, name],
    )
  }

  return {
    plantOrgs,
    plantOrg: async (members) => theOne((await plantOrgs(1, members))[0]),
    plantTree: async (org, counts) => {
      const levels: string[][] = []
      for (const count of counts) {
        const ids = Array.from({ length: count }, () => uuidv7())
        await plantLevel(org, `level-${levels.length + 1}`, ids, levels.at(-1) ?? [])
        levels.push(ids)
      }
      const at = (level: number, position: number) => theOne(levels[level - 1]?.[position])
      return { ids: levels.flat(), root: at(1, 0), at }
    },
    grant: async (org, grants) => {
      await client.query(
        `insert into grants (org_id, user_id, resource_id, role, granted_by_type, granted_by_id)
        select $1, "userId", "resourceId", coalesce(role, 'member'), 'service', 'forester'
        from jsonb_to_recordset($2) as wanted ("userId" text, "resourceId" uuid, role text)`,
        [org.id, JSON.stringify(grants)],
      )
    },
    bill: async (org, resourceIds) => {
      await client.query(
        `insert into billing (org_id, resource_id, legal_name)
        select $1, id, 'Acme GmbH' from unnest($2::uuid[]) as billed (id)`,
        [org.id, resourceIds],
      )
    },
    setMemberAccess: async (org, access) => {
      await client.query('update orgs set member_access = $2 where id = $1', [org.id, access])
    },
    survey: async () => {
      await client.query('vacuum analyze')
    },
  }
}
