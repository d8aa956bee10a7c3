import { type Db, type Tx, together } from '../../db/client.ts'
import { refuseUnscoped } from '../access/rules.ts'
import type { Actor, By, Service, User } from '../actor.ts'
import { DomainError, invalid } from '../errors.ts'
import { memberAdded, orgCreated } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { insertMember } from '../members/queries/members.ts'
import { ensureUser } from '../users/queries/profiles.ts'
import type { Profile } from '../users/user.ts'
import type { OrgWithRole } from './org.ts'
import { insertOrg, type NewOrg, newOrgId } from './queries/lifecycle.ts'

type OrgInput = NewOrg & { readonly adminUserId?: string }

/**
 * Creates an organisation. A user becomes its Admin. A service names the Admin, who need not have signed in yet.
 *
 * @throws invalid_request, slug_taken, external_id_taken; forbidden when a user sets what only a service may set.
 */
export async function createOrg(db: Db, actor: Actor, input: OrgInput): Promise<OrgWithRole> {
  return actor.type === 'user' ? createOwn(db, actor, input) : createFor(db, actor, input)
}

async function createOwn(db: Db, user: User, { adminUserId, ...org }: OrgInput): Promise<OrgWithRole> {
  if (org.externalId !== undefined || adminUserId !== undefined)
    throw new DomainError('forbidden', 'Only a service may set `externalId` or `adminUserId`.')
  return db.transaction((tx) => addOrg(tx, org, user, 'created', user))
}

async function createFor(db: Db, service: Service, { adminUserId, ...org }: OrgInput): Promise<OrgWithRole> {
  refuseUnscoped(service, 'muster:write')
  if (adminUserId === undefined)
    throw invalid('/adminUserId', 'A service names the Admin of the organisation it creates.')
  const admin = { id: adminUserId, email: null, emailVerified: false, name: null }
  const created = await db.transaction((tx) => addOrg(tx, org, admin, 'provisioned', service))
  return { ...created, role: null }
}

/** Inserts an organisation and its first Admin, or neither. */
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
    // The organisation comes first, as in every transaction that locks both: its slug may wait for another transaction.
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
