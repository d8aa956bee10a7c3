import type { Muster } from '../support/muster.ts'
import type { ResourceAccount, World } from './world.ts'

/** One version for the creation and for each acknowledged change; gone with itself, or with what it lay in. */
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

/** Whether it was deleted, or anything that it could ever have been in. */
function wasCut(id: string, resources: World['resources'], asked: Set<string>): boolean {
  if (asked.has(id)) return false
  asked.add(id)
  const account = resources.get(id)
  if (!account) return false
  return account.deleted || [...account.under].some((above) => wasCut(above, resources, asked))
}
