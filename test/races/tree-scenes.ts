import { v7 as uuidv7 } from 'uuid'
import { theOne } from '../../src/db/client.ts'
import { grants, resources } from '../../src/db/tables/resources.ts'
import type { Role } from '../../src/domain/roles.ts'
import { foundOrgs, type Invited, inviteInto, type Offer, type Scene } from './scenes.ts'
import type { Stage } from './stage.ts'

/** An organisation with resources, each with a name of its own: `'a/b'` is b, which lies in a. */
export interface Tree extends Scene {
  /** Finds a resource by its name alone. */
  idOf(name: string): string
}

/** Alice and Bob are the Admins, Carol is a member, Erin is in Accounting. */
const PEOPLE = { alice: 'admin', bob: 'admin', carol: 'member', erin: 'accounting' } as const

/** Makes those people's organisation for each round, with these resources, parents first. */
export async function plant(stage: Stage, count: number, paths: readonly string[]): Promise<Tree[]> {
  const trees = (await foundOrgs(stage, count, PEOPLE)).map((scene) => {
    const ids = new Map(paths.map((path) => [lastOf(path), uuidv7()]))
    return { ...scene, idOf: (name: string) => theOne(ids.get(name)) }
  })
  if (paths.length > 0)
    await stage.muster.db.sql
      .insert(resources)
      .values(trees.flatMap((tree) => paths.map((path) => rowOf(tree, path))))
  return trees
}

function rowOf({ orgId, idOf }: Tree, path: string) {
  const name = lastOf(path)
  const ids = path.split('/').map(idOf)
  return { orgId, id: idOf(name), parentId: ids.at(-2) ?? null, path: ids, type: 'place', name }
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Makes grants by Alice, before the race. */
export async function grantOn<T extends Tree>(
  stage: Stage,
  trees: T[],
  { to, role, on }: { to: string; role: Role; on: string },
): Promise<T[]> {
  await stage.muster.db.sql.insert(grants).values(
    trees.map(({ orgId, who, idOf }) => ({
      ...{ orgId, userId: who(to).id, resourceId: idOf(on), role },
      ...{ grantedByType: 'user' as const, grantedById: who('alice').id },
    })),
  )
  return trees
}

/** Makes an invitation for each round, with this role on these resources. */
export async function inviteToTree<T extends Tree>(
  stage: Stage,
  trees: T[],
  offer: Offer,
  rights: { role: Role; on: readonly string[] },
): Promise<(T & Invited)[]> {
  const invited = await inviteInto(stage, trees, [offer])
  await stage.muster.db.pool.query(
    `update invitations set resource_roles =
       (select jsonb_agg(jsonb_build_object('resourceId', id, 'role', $1::text)) from resources
        where resources.org_id = invitations.org_id and name = any($2))
     where org_id = any($3)`,
    [rights.role, rights.on, invited.map(({ orgId }) => orgId)],
  )
  return invited
}
