import { Type } from '@sinclair/typebox'
import { Id, nullable, pageOf, RoleName, ref, Timestamp, Version } from '../contract/fields.ts'
import { EXAMPLE, Status } from '../invitations/schema.ts'

// An invitation as the invited see it.

const OFFER = {
  id: EXAMPLE.id,
  org: { id: EXAMPLE.orgId, name: 'Acme', logoUrl: null },
  role: 'member',
  invitedBy: { name: 'Alice' },
  message: 'Welcome aboard!',
  createdAt: EXAMPLE.createdAt,
  expiresAt: EXAMPLE.expiresAt,
  version: 1,
}

export const Offer = Type.Object(
  {
    id: Id,
    org: Type.Object({ id: Id, name: Type.String(), logoUrl: nullable(Type.String()) }),
    role: RoleName,
    invitedBy: Type.Object({ name: nullable(Type.String()) }),
    message: nullable(Type.String()),
    createdAt: Timestamp,
    expiresAt: Timestamp,
    version: Version,
  },
  { $id: 'Offer', description: 'An invitation as the invited see it.', examples: [OFFER] },
)

export const OfferPage = pageOf(ref(Offer), 'OfferPage', { examples: [{ data: [OFFER], next: null }] })

export const Declined = Type.Object(
  { id: Id, orgId: Id, status: Status, declinedAt: nullable(Timestamp), version: Version },
  {
    $id: 'Declined',
    description: 'What became of it.',
    examples: [
      {
        id: EXAMPLE.id,
        orgId: EXAMPLE.orgId,
        status: 'declined',
        declinedAt: '2026-02-01T08:00:00.000Z',
        version: 2,
      },
    ],
  },
)
