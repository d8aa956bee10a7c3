import type { Db } from '../../db/client.ts'
import { refuseUnscoped } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { findExport, type UserExport } from './queries/export.ts'
import { userNotFound } from './user.ts'

/**
 * Exports all that Muster keeps about a person, in all organisations. Runs one statement.
 *
 * @throws forbidden, user_not_found.
 */
export async function exportUser(db: Db, actor: Actor, { userId }: { userId: string }): Promise<UserExport> {
  refuseUnscoped(actor, 'muster:read')
  const found = await findExport(db.sql, userId)
  if (!found) throw userNotFound()
  return found
}
