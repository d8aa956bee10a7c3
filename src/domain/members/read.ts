import type { Db } from '../../db/client.ts'
import { refuseReader } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { type Member, memberNotFound } from './member.ts'
import { listMemberRows, type MemberFilter } from './queries/list.ts'

/** Runs one statement. @throws org_not_found, forbidden for a service that may not read. */
export async function listMembers(
  db: Db,
  actor: Actor,
  { orgId, ...filter }: MemberFilter & { orgId: string },
): Promise<Member[]> {
  const page = await listMemberRows(db.sql, actor, orgId, filter)
  refuseReader(actor, page, 'members:read')
  return page?.rows ?? []
}

/** Runs one statement. @throws org_not_found, member_not_found, forbidden for a service that may not read. */
export async function getMember(
  db: Db,
  actor: Actor,
  input: { orgId: string; userId: string },
): Promise<Member> {
  const [member] = await listMembers(db, actor, { ...input, limit: 1 })
  if (!member) throw memberNotFound()
  return member
}
