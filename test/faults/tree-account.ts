import type { Muster } from '../support/muster.ts'
import type { ResourceAccount, World } from './world.ts'

/** Expects a version for the creation and each acknowledged change. A resource goes with itself or a place it lay in. */
export async function treeDisagreements({ db }: Muster, { resources }: World): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string; version: number }>('select id, version from resources')
  const versions = new Map(rows.map(({ id, version }) => [id, version]))
  return [
    ...rows.flatMap(({ id }) => (resources.has(id) ? [] : [`nobody was told of the resource ${id}`])),
    ...[...resources].flatMap(([id, account]) => disagreement(id, account, versions.get(id), resources)),
  ]
}

function disagreement(
  id: string,
  { changed, deleted }: ResourceAccount,
  version: number | undefined,
  resources: World['resources'],
): string[] {
  if (version === undefined)
    return wasCut(id, resources, new Set()) ? [] : [`the resource ${id} is gone, and nobody deleted it`]
  if (deleted) return [`the resource ${id} was deleted, and is there`]
  return version === 1 + changed
    ? []
    : [`version of the resource ${id}: ${version}, acknowledged ${1 + changed}`]
}

/** Says whether it was deleted, or any place in which it could ever have been. */
function wasCut(id: string, resources: World['resources'], asked: Set<string>): boolean {
  if (asked.has(id)) return false
  asked.add(id)
  const account = resources.get(id)
  if (!account) return false
  return account.deleted || [...account.under].some((above) => wasCut(above, resources, asked))
}
