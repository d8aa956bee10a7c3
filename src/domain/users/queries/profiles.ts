import { and, eq, isNull, sql } from 'drizzle-orm'
import { type Sql, type Tx, theOne, together } from '../../../db/client.ts'
import { bulkText, prepared, preparedText } from '../../../db/statement.ts'
import { invitations } from '../../../db/tables/invitations.ts'
import { members, orgs, users } from '../../../db/tables/orgs.ts'
import { openTo } from '../../invitations/queries/columns.ts'
import { ORGS_IN_OVERVIEW, type Overview, type Profile, type ProfileInput, verifiedEmailOf } from '../user.ts'

export const PROFILE = {
  id: users.id,
  email: users.email,
  emailVerified: users.emailVerified,
  name: users.name,
}

const GIVEN_PROFILE = {
  id: sql.placeholder('id'),
  email: sql.placeholder('email'),
  emailVerified: sql.placeholder('emailVerified'),
  name: sql.placeholder('name'),
}

const userEnsured = prepared('ensure_user', (db) =>
  db
    .insert(users)
    .values(GIVEN_PROFILE)
    .onConflictDoUpdate({ target: users.id, set: { id: sql`users.id` } }),
)

/**
 * Inserts a row for a user whom Muster may meet here for the first time. An existing row stays as it is and is locked,
 * so that no erasure deletes the person before the transaction ends.
 */
export async function ensureUser(tx: Tx, profile: Profile): Promise<void> {
  await userEnsured(tx, { ...profile })
}

const told = sql`jsonb_to_recordset(${sql.placeholder('people')}::jsonb)
  as told ("userId" text, email text, "emailVerified" boolean, name text)`

// `where false` writes nothing, but locks the row. A row that is erased meanwhile is inserted again.
const ensuring = sql`insert into users (id, email, email_verified, name)
    select "userId", email, email is not null and coalesce("emailVerified", false), name
    from ${told} order by "userId"
    on conflict (id) do update set id = excluded.id where false`

const updating = sql`with next as (
      select id, coalesce(told.email, users.email) as email, coalesce(told.name, users.name) as name,
        coalesce("emailVerified", users.email_verified and (told.email is null or told.email = users.email))
          and coalesce(told.email, users.email) is not null as email_verified
      from ${told} join users on users.id = "userId")
    update users set email = next.email, email_verified = next.email_verified, name = next.name
    from next where users.id = next.id and (users.email, users.email_verified, users.name)
      is distinct from (next.email, next.email_verified, next.name)`

const ensure = { one: preparedText('ensure_user_told', ensuring), many: bulkText(ensuring) }
const update = { one: preparedText('update_user_told', updating), many: bulkText(updating) }

/**
 * Stores what a backend reports about people; what it leaves out stays as it is known. Locks all rows in the order of
 * their ids, so that no erasure deletes one before the transaction ends.
 */
export async function knowUsers(
  tx: Tx,
  people: readonly (ProfileInput & { readonly userId: string })[],
): Promise<void> {
  const values = { people: JSON.stringify(people) }
  if (people.length === 1) return void (await together(ensure.one(tx, values), update.one(tx, values)))
  // Thousands of rows take time, and the timeout of a statement starts when it is sent: so one waits for the other.
  await ensure.many(tx, values)
  await update.many(tx, values)
}

const profileStored = prepared('store_profile', (db) =>
  db
    .insert(users)
    .values(GIVEN_PROFILE)
    .onConflictDoUpdate({
      target: users.id,
      set: {
        email: sql`coalesce(excluded.email, users.email)`,
        emailVerified: sql`case when excluded.email is null then users.email_verified else excluded.email_verified end`,
        name: sql`coalesce(excluded.name, users.name)`,
      },
    })
    .returning(PROFILE),
)

/** Stores what the token carries; the rest stays as it is known, see `merged`. Returns what is known now. */
export async function storeProfile(tx: Tx, profile: Profile): Promise<Profile> {
  const [stored] = await profileStored(tx, { ...profile })
  return theOne(stored)
}

const profile = prepared('profile', (db) =>
  db
    .select(PROFILE)
    .from(users)
    .where(eq(users.id, sql.placeholder('userId'))),
)

export async function findProfile(tx: Tx, userId: string): Promise<Profile | undefined> {
  const [user] = await profile(tx, { userId })
  return user
}

const signUp = prepared('mark_signed_up', (db) =>
  db
    .update(users)
    .set({ signedUpAt: sql`now()` })
    .where(and(eq(users.id, sql.placeholder('userId')), isNull(users.signedUpAt)))
    .returning({ id: users.id }),
)

/** Marks the sign-up by compare-and-set: of two concurrent first sign-ins, only one is the first. */
export async function markSignedUp(tx: Tx, userId: string): Promise<boolean> {
  return (await signUp(tx, { userId })).length === 1
}

export interface Known {
  readonly overview: Omit<Overview, 'user'>
  readonly profile: Profile | null
  readonly signedUp: boolean
}

const overview = prepared('overview', (db) => {
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
})

/** Reads the whole dashboard in one statement. */
export async function findOverview(db: Sql, user: Profile): Promise<Known> {
  const [row] = await overview(db, { userId: user.id, verifiedEmail: verifiedEmailOf(user) })
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
