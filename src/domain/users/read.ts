import type { Db, Sql } from '../../db/client.ts'
import { refuseUnscoped } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { findExport, type UserExport } from './queries/export.ts'
import { findOverview } from './queries/profiles.ts'
import { type Account, userNotFound } from './user.ts'

/** Somebody, and where they are. One statement. @throws forbidden, user_not_found. */
export async function getUser(db: Db, actor: Actor, { userId }: { userId: string }): Promise<Account> {
  refuseUnscoped(actor, 'muster:read')
  return findAccount(db.sql, userId)
}

/** All that Muster keeps of a person, over all organisations. One statement. @throws forbidden, user_not_found. */
export async function exportUser(db: Db, actor: Actor, { userId }: { userId: string }): Promise<UserExport> {
  refuseUnscoped(actor, 'muster:read')
  const found = await findExport(db.sql, userId)
  if (!found) throw userNotFound()
  return found
}

/** @throws user_not_found. */
export async function findAccount(db: Sql, userId: string): Promise<Account> {
  const nobody = { id: userId, email: null, emailVerified: false, name: null }
  const { profile, overview } = await findOverview(db, nobody)
  if (!profile) throw userNotFound()
  return { user: profile, orgs: overview.orgs, moreOrgs: overview.moreOrgs }
}
