import { and, eq, sql } from 'drizzle-orm'
import { type Tx, theOne } from '../../../db/client.ts'
import { violatedConstraint } from '../../../db/errors.ts'
import { prepared, preparedText } from '../../../db/statement.ts'
import { resources } from '../../../db/tables/resources.ts'
import { isWithin } from '../../access/queries/readable.ts'
import { MAX_BRANCH, type Resource, type TreePlace, tooDeep } from '../resource.ts'

// A branch is a resource with all below it.

const isInBranch = and(
  eq(resources.orgId, sql.placeholder('orgId')),
  isWithin(sql`${sql.placeholder('path')}::uuid[]`),
)

const branchCounted = preparedText<{ size: number }>(
  'count_branch',
  sql`select count(*)::int as size from (
    select from resources where ${isInBranch} limit ${MAX_BRANCH + 1}) as branch`,
)

/** Counts up to MAX_BRANCH + 1. */
export async function countBranch(tx: Tx, { orgId, path }: Resource): Promise<number> {
  const { rows } = await branchCounted(tx, { orgId, path })
  return theOne(rows[0]).size
}

const branchMoved = prepared('move_branch', (db) =>
  db
    .update(resources)
    .set({
      parentId: sql`case when id = ${sql.placeholder('id')} then ${sql.placeholder('parentId')}::uuid else parent_id end`,
      path: sql`${sql.placeholder('newPath')}::uuid[] || path[${sql.placeholder('depth')}::int + 1:]`,
    })
    .where(isInBranch),
)

/** Moves the resource and all below it to the new place, in one statement. @throws resource_too_deep. */
export async function moveBranch(
  tx: Tx,
  { orgId, id, path }: Resource,
  { parentId, path: newPath }: TreePlace,
): Promise<void> {
  const values = { orgId, id, path, depth: path.length, parentId, newPath }
  await branchMoved(tx, values).catch((error) => {
    throw violatedConstraint(error) === 'resources_depth' ? tooDeep() : error
  })
}

const branchDeleted = prepared('delete_branch', (db) => db.delete(resources).where(isInBranch))

/** Deletes the branch, and with it its grants and invoice information. */
export async function deleteBranch(tx: Tx, { orgId, path }: Resource): Promise<void> {
  await branchDeleted(tx, { orgId, path })
}
