import type { Db } from '../../db/client.ts'
import { refuseReader, refuseUnscoped } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { DomainError } from '../errors.ts'
import { type OrgWithRole, orgNotFound } from './org.ts'
import { findOrg, listOrgRows, type OrgFilter } from './queries/lists.ts'

/** Runs one statement. @throws org_not_found, forbidden for a service that may not read. */
export async function getOrg(db: Db, actor: Actor, { orgId }: { orgId: string }): Promise<OrgWithRole> {
  const found = await findOrg(db.sql, actor, orgId)
  refuseReader(actor, found, 'org:read')
  if (!found) throw orgNotFound()
  return { ...found.org, role: found.callerRole }
}

/**
 * Lists a user's own organisations; for a service all, or those of `userId` or with `externalId`. Runs one statement.
 *
 * @throws forbidden when a user sets a filter that is for services.
 */
export async function listOrgs(db: Db, actor: Actor, filter: OrgFilter): Promise<OrgWithRole[]> {
  if (actor.type === 'service') {
    refuseUnscoped(actor, 'muster:read')
    return listOrgRows(db.sql, filter)
  }
  if (filter.userId !== undefined || filter.externalId !== undefined)
    throw new DomainError('forbidden', 'Only a service may filter by `userId` or `externalId`.')
  return listOrgRows(db.sql, { ...filter, userId: actor.id })
}
