import { and, eq, isNull, sql } from 'drizzle-orm'
import { prepared, type Sql, type Tx, theOne } from '../../../db/client.ts'
import { invitations } from '../../../db/tables/invitations.ts'
import { members, orgs, users } from '../../../db/tables/orgs.ts'
import { openTo } from '../../invitations/queries/columns.ts'
import { ORGS_IN_OVERVIEW, type Overview, type Profile, verifiedEmailOf } from '../user.ts'

const PROFILE = { id: users.id, email: users.email, emailVerified: users.emailVerified, name: users.name }

/**
 * A row to belong to, for somebody whom Muster may meet here for the first time. One that is there stays as it is, and
 * is locked, so that nobody erases the person before the transaction ends.
 */
export async function ensureUser(tx: Tx, { id, email, emailVerified, name }: Profile): Promise<void> {
  await tx
    .insert(users)
    .values({ id, email, emailVerified, name })
    .onConflictDoUpdate({ target: users.id, set: { id: sql`users.id` } })
}

/** What the token does not carry stays as it is known; see `merged`. */
export async function storeProfile(tx: Tx, { id, email, emailVerified, name }: Profile): Promise<void> {
  await tx
    .insert(users)
    .values({ id, email, emailVerified, name })
    .onConflictDoUpdate({
      target: users.id,
      set: {
        email: sql`coalesce(excluded.email, users.email)`,
        emailVerified: sql`case when excluded.email is null then users.email_verified else excluded.email_verified end`,
        name: sql`coalesce(excluded.name, users.name)`,
      },
    })
}

/** Compare-and-set: of two first sign-ins at the same time, one is the first. */
export async function markSignedUp(tx: Tx, userId: string): Promise<boolean> {
  const marked = await tx
    .update(users)
    .set({ signedUpAt: sql`now()` })
    .where(and(eq(users.id, userId), isNull(users.signedUpAt)))
    .returning({ id: users.id })
  return marked.length === 1
}

export interface Known {
  readonly overview: Omit<Overview, 'user'>
  readonly profile: Profile | null
  readonly signedUp: boolean
}

const overview = prepared((db) => {
  const userId = sql.placeholder('userId')
  const mine = db
    .select({ id: orgs.id, name: orgs.name, slug: orgs.slug, logoUrl: orgs.logoUrl, role: members.role })
    .from(members)
    .innerJoin(orgs, eq(orgs.id, members.orgId))
    .where(and(eq(members.userId, userId), isNull(orgs.deletedAt)))
    .orderBy(members.joinedAt, orgs.id)
    .limit(ORGS_IN_OVERVIEW + 1)
    .as('mine')
  const open = db
    .select({ count: sql`count(*)::int` })
    .from(invitations)
    .innerJoin(orgs, eq(orgs.id, invitations.orgId))
    .where(openTo(userId, sql.placeholder('verifiedEmail')))
  return db
    .select({
      ...PROFILE,
      signedUpAt: users.signedUpAt,
      orgs: sql<Overview['orgs']>`coalesce((select json_agg(json_build_object(
        'id', id, 'name', name, 'slug', slug, 'logoUrl', logo_url, 'role', role)) from ${mine}), '[]')`,
      openInvitations: sql<number>`(${open})`,
    })
    .from(sql`(values (1)) as one`)
    .leftJoin(users, eq(users.id, userId))
    .prepare('overview')
})

/** The whole dashboard in one statement. */
export async function findOverview(db: Sql, user: Profile): Promise<Known> {
  const [row] = await overview(db).execute({ userId: user.id, verifiedEmail: verifiedEmailOf(user) })
  const { id, signedUpAt, orgs: found, openInvitations, ...profile } = theOne(row)
  return {
    overview: {
      orgs: found.slice(0, ORGS_IN_OVERVIEW),
      moreOrgs: found.length > ORGS_IN_OVERVIEW,
      openInvitations,
    },
    profile: id === null ? null : { id, ...profile, emailVerified: profile.emailVerified ?? false },
    signedUp: signedUpAt !== null,
  }
}
