import { type Db, together } from '../../db/client.ts'
import { refuseService } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { addOrg } from '../orgs/create.ts'
import { personalOrgName } from '../orgs/org.ts'
import { findOverview, markSignedUp, storeProfile } from './queries/profiles.ts'
import { merged, type Overview, type Profile } from './user.ts'

export type PersonalOrg = 'always' | 'never'

/**
 * Signs the caller in and stores the profile of their token. The first sign-in makes an organisation for them, even
 * when an invitation has brought them into another one before. Two concurrent first sign-ins make one organisation.
 * Runs one statement when nothing changed.
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
