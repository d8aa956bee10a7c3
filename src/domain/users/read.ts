import type { Db, Sql } from '../../db/client.ts'
import { refuseService, refuseUnscoped } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { findOverview } from './queries/profiles.ts'
import { type Account, merged, type Overview, userNotFound } from './user.ts'

/**
 * Returns the caller and their organisations. A user unknown to Muster sees the profile of their token. Runs one
 * statement.
 *
 * @throws forbidden for a service.
 */
export async function getMe(db: Db, actor: Actor): Promise<Overview> {
  refuseService(actor)
  const { profile, overview } = await findOverview(db.sql, actor)
  return { user: profile ?? merged(null, actor), ...overview }
}

/** Returns a user and their organisations. Runs one statement. @throws forbidden, user_not_found. */
export async function getUser(db: Db, actor: Actor, { userId }: { userId: string }): Promise<Account> {
  refuseUnscoped(actor, 'muster:read')
  return findAccount(db.sql, userId)
}

/** @throws user_not_found. */
export async function findAccount(db: Sql, userId: string): Promise<Account> {
  const nobody = { id: userId, email: null, emailVerified: false, name: null }
  const { profile, overview } = await findOverview(db, nobody)
  if (!profile) throw userNotFound()
  return { user: profile, orgs: overview.orgs, moreOrgs: overview.moreOrgs }
}
