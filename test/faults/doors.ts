import type { Muster } from '../support/muster.ts'
import type { World } from './world.ts'

const RESOURCES = 5

/** Lets every person ask for every organisation and some resources. The rows of now say who must get in. */
export async function knockOnEveryDoor(muster: Muster, world: World): Promise<string[]> {
  const members = await doorsOf(
    muster,
    `select org_id || ' ' || user_id as door from members join orgs on orgs.id = org_id where deleted_at is null`,
  )
  const readers = await doorsOf(muster, READERS)
  const resources = await muster.db.pool.query<{ orgId: string; id: string }>(
    'select org_id as "orgId", id from resources order by id',
  )
  const doors = world.orgs.flatMap(({ id }) => [
    { path: `/orgs/${id}`, expected: (name: string) => (members.has(`${id} ${name}`) ? 200 : 404) },
    ...resources.rows
      .filter(({ orgId }) => orgId === id)
      .slice(-RESOURCES)
      .map((resource) => ({
        path: `/orgs/${id}/resources/${resource.id}`,
        expected: (name: string) => {
          if (!members.has(`${id} ${name}`)) return 404
          return readers.has(`${resource.id} ${name}`) ? 200 : 403
        },
      })),
  ])
  const complaints = await Promise.all(
    doors.map(async ({ path, expected }) => {
      const wrong: string[] = []
      for (const name of [...world.people, world.outsider]) {
        const { status } = await world.caller(name).get(path)
        if (status !== expected(name))
          wrong.push(`GET ${path} answered ${name} ${status}, expected ${expected(name)}`)
      }
      return wrong
    }),
  )
  return complaints.flat()
}

async function doorsOf({ db }: Muster, query: string): Promise<Set<string>> {
  const { rows } = await db.pool.query<{ door: string }>(query)
  return new Set(rows.map(({ door }) => door))
}

// Walks from the parents down, not by the path: another way to the same answer.
const READERS = `
  with recursive reach (org_id, id, user_id) as (
    select org_id, resource_id, user_id from grants
    union select below.org_id, below.id, reach.user_id from reach
      join resources as below on below.org_id = reach.org_id and below.parent_id = reach.id)
  select id || ' ' || user_id as door from reach
  union select resources.id || ' ' || user_id from resources join orgs on orgs.id = resources.org_id
    join members on members.org_id = orgs.id
    where members.role <> 'member' or orgs.member_access = 'all'`
