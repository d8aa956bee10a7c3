import type { Tx } from '../../db/client.ts'
import { Overtaken } from '../../db/errors.ts'
import {
  findAddresses,
  findInvolvedOrgs,
  type Involved,
  lockInvolvedOrgs,
  lockUser,
} from './queries/involvement.ts'
import { findProfile } from './queries/profiles.ts'
import { userNotFound } from './user.ts'

/**
 * Opens the erasure of a person: locks every organisation that they are in, made, or were invited to, then the person's
 * own row. All transactions lock organisations before people.
 *
 * @throws user_not_found; Overtaken when the person joined, or was invited to, an organisation that was not locked.
 */
export async function lockPerson(
  tx: Tx,
  userId: string,
): Promise<{ addresses: readonly string[]; involved: readonly Involved[] }> {
  const known = await findProfile(tx, userId)
  if (!known) throw userNotFound()
  const locked = new Set(await lockInvolvedOrgs(tx, userId, await findAddresses(tx, known)))
  const user = await lockUser(tx, userId)
  if (!user) throw userNotFound()
  const addresses = await findAddresses(tx, user)
  const involved = await findInvolvedOrgs(tx, userId, addresses)
  if (!involved.every(({ id }) => locked.has(id))) throw new Overtaken()
  return { addresses, involved }
}
