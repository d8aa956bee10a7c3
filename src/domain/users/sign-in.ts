import { type Db, together } from '../../db/client.ts'
import { refuseService } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { addOrg } from '../orgs/create.ts'
import { personalOrgName } from '../orgs/org.ts'
import { findOverview, markSignedUp, storeProfile } from './queries/profiles.ts'
import { merged, type Overview, type Profile } from './user.ts'

export type PersonalOrg = 'always' | 'never'

/**
 * "I signed in": keeps the profile of the token; whoever does it for the first time gets an organisation, also when
 * an invitation brought them into another one before. Two at the same time make one organisation.
 * One statement when nothing changed.
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
  const user = merged(known.profile, actor)
  if (known.signedUp && isSame(known.profile, user))
    return { overview: { user, ...known.overview }, first: false }

  const first = await db.transaction(async (tx) => {
    const [, isFirst] = await together(storeProfile(tx, actor), markSignedUp(tx, actor.id))
    if (isFirst && personalOrg === 'always')
      await addOrg(tx, { name: personalOrgName(actor), namedAfter: actor.id }, actor, 'created', actor)
    return isFirst
  })
  const { overview } = await findOverview(db.sql, actor)
  return { overview: { user, ...overview }, first }
}

function isSame(known: Profile | null, { email, emailVerified, name }: Profile): boolean {
  return known?.email === email && known.emailVerified === emailVerified && known.name === name
}
