import type { Invitation } from './invitation.ts'

interface OrgFace {
  readonly id: string
  readonly name: string
  readonly logoUrl: string | null
}

/** An invitation as the invited see it: without the address, and with only the name of the inviter. */
export type Offer = Pick<Invitation, 'id' | 'role' | 'message' | 'createdAt' | 'expiresAt' | 'version'> & {
  readonly org: OrgFace
  readonly invitedBy: { readonly name: string | null }
}

export function offerOf({ invitation, org }: { invitation: Invitation; org: OrgFace }): Offer {
  const { id, role, message, createdAt, expiresAt, version, invitedBy } = invitation
  return { id, org, role, invitedBy: { name: invitedBy.name }, message, createdAt, expiresAt, version }
}
