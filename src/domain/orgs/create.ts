import { type Db, type Tx, together } from '../../db/client.ts'
import { refuseUnscoped } from '../access/rules.ts'
import type { Actor, By } from '../actor.ts'
import { DomainError } from '../errors.ts'
import { memberAdded, orgCreated } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { insertMember } from '../members/queries/members.ts'
import { ensureUser } from '../users/queries/profiles.ts'
import type { Profile } from '../users/user.ts'
import type { OrgWithRole } from './org.ts'
import { insertOrg, type NewOrg, newOrgId } from './queries/lifecycle.ts'

/**
 * A user becomes the Admin of what they create; a service names the Admin, who need not have signed in yet.
 *
 * @throws slug_taken, external_id_taken; forbidden when a user sets what only a service may set.
 */
export async function createOrg(
  db: Db,
  actor: Actor,
  input: NewOrg & { adminUserId?: string },
): Promise<OrgWithRole> {
  const { adminUserId, ...org } = input
  if (actor.type === 'service') refuseUnscoped(actor, 'muster:write')
  else if (org.externalId !== undefined || adminUserId !== undefined)
    throw new DomainError('forbidden', 'Only a service may set `externalId` or `adminUserId`.')
  else return db.transaction((tx) => addOrg(tx, org, actor, 'created', actor))

  if (adminUserId === undefined)
    throw new DomainError('invalid_request', 'A service names the Admin of the organisation it creates.', {
      pointer: '/adminUserId',
    })
  const admin = { id: adminUserId, email: null, emailVerified: false, name: null }
  const created = await db.transaction((tx) => addOrg(tx, org, admin, 'provisioned', actor))
  return { ...created, role: null }
}

/** An organisation and its first Admin, together or not at all. */
export async function addOrg(
  tx: Tx,
  input: NewOrg,
  admin: Profile,
  source: 'created' | 'provisioned',
  by: By,
): Promise<OrgWithRole> {
  const id = newOrgId()
  const face = { slug: null, logoUrl: null, memberAccess: 'granted', externalId: null, ...input, id } as const
  const [org] = await together(
    // The organisation first, as everybody locks them: its slug may wait for another transaction.
    insertOrg(tx, { ...input, id }),
    ensureUser(tx, admin),
    insertMember(tx, { orgId: id, userId: admin.id, role: 'admin', source }, by),
    record(
      tx,
      by,
      id,
      orgCreated(face, input.namedAfter !== undefined),
      memberAdded(admin.id, 'admin', source),
    ),
  )
  return { ...org, role: 'admin' }
}
