import type { Db } from '../../db/client.ts'
import { refuseService } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { type Offer, offerOf } from './offer.ts'
import { listOpenRows } from './queries/lists.ts'

/** Lists the bell: invitations to the caller's verified address. Runs one statement. @throws forbidden for a service. */
export async function listOpenInvitations(
  db: Db,
  actor: Actor,
  page: { after?: string | undefined; limit: number },
): Promise<Offer[]> {
  refuseService(actor)
  return (await listOpenRows(db.sql, actor, page)).map(offerOf)
}
