import { type Db, theOne, together } from '../../db/client.ts'
import { refuseUnscoped } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { addOrg } from '../orgs/create.ts'
import { personalOrgName } from '../orgs/org.ts'
import { findProfile, knowUsers, markSignedUp } from './queries/profiles.ts'
import { findAccount } from './read.ts'
import type { PersonalOrg } from './sign-in.ts'
import { type Account, type ProfileInput, profileInput } from './user.ts'

/**
 * Stores what an identity provider reports: a person's sign-up, or a change of their profile. Works as `signIn`,
 * without the person's token. A field that is left out stays as it is known.
 *
 * @returns the account, and whether it was the first time.
 * @throws forbidden, invalid_request.
 */
export async function putUser(
  db: Db,
  actor: Actor,
  input: ProfileInput & { userId: string },
  personalOrg: PersonalOrg,
): Promise<{ account: Account; first: boolean }> {
  refuseUnscoped(actor, 'muster:write')
  const { userId, ...told } = input
  const profile = profileInput(told)
  return db.transaction(async (tx) => {
    const [, isFirst, user] = await together(
      knowUsers(tx, [{ ...profile, userId }]),
      markSignedUp(tx, userId),
      findProfile(tx, userId),
    )
    if (isFirst && personalOrg === 'always') {
      const org = { name: personalOrgName(theOne(user)), namedAfter: userId }
      await addOrg(tx, org, theOne(user), 'provisioned', actor)
    }
    return { account: await findAccount(tx, userId), first: isFirst }
  })
}
