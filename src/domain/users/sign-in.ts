import type { Db } from '../../db/client.ts'
import { refuseService } from '../access/authorize.ts'
import type { Actor } from '../actor.ts'
import { addOrg } from '../orgs/create.ts'
import { personalOrgName } from '../orgs/org.ts'
import { findOverview, type Known, markSignedUp, storeProfile } from './queries.ts'
import type { Overview, Profile } from './user.ts'

export type PersonalOrg = 'always' | 'never'

/**
 * "I signed in": keeps the profile of the token; whoever does it for the first time gets an organisation, also when
 * an invitation brought them into another one before. Two at the same time make one organisation.
 * One statement when nothing changed; a first time takes nine round trips.
 *
 * @returns the overview, and whether it was the first time.
 * @throws forbidden for a service.
 */
export async function signIn(
  db: Db,
  actor: Actor,
  personalOrg: PersonalOrg,
): Promise<{ overview: Overview; first: boolean }> {
  refuseService(actor)
  const known = await findOverview(db.sql, actor)
  if (known.signedUp && isSame(known.profile, actor))
    return { overview: overviewOf(actor, known), first: false }

  const first = await db.transaction(async (tx) => {
    await storeProfile(tx, actor)
    const isFirst = await markSignedUp(tx, actor.id)
    if (isFirst && personalOrg === 'always')
      await addOrg(tx, { name: personalOrgName(actor) }, actor, 'created')
    return isFirst
  })
  return { overview: overviewOf(actor, await findOverview(db.sql, actor)), first }
}

/**
 * The same without a change; somebody unknown sees the profile of the token. One statement.
 *
 * @throws forbidden for a service.
 */
export async function getMe(db: Db, actor: Actor): Promise<Overview> {
  refuseService(actor)
  const known = await findOverview(db.sql, actor)
  return overviewOf(known.profile ?? actor, known)
}

function overviewOf({ id, email, emailVerified, name }: Profile, { overview }: Known): Overview {
  return { user: { id, email, emailVerified, name }, ...overview }
}

function isSame(known: Profile | null, { email, emailVerified, name }: Profile): boolean {
  return known?.email === email && known.emailVerified === emailVerified && known.name === name
}
