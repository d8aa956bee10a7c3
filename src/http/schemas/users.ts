import { Type } from '@sinclair/typebox'
import { UserId } from './fields.ts'
import { operation } from './operation.ts'

const Erased = Type.Object(
  {
    pseudonym: Type.String({
      description: 'What the person is called from now on in what stays, such as the audit log.',
    }),
  },
  {
    description: 'Done.',
    examples: [{ pseudonym: 'erased-1c2d9a1e-6d0c-4d38-9d7c-6a2f1f0d8f11' }],
  },
)

export const eraseUser = operation({
  operationId: 'eraseUser',
  tags: ['Users'],
  summary: 'Erase a person',
  description:
    'In every organisation: memberships and rights end, invitations to them are revoked, and in what stays for others a pseudonym takes their place. Where they are the only Admin, 409 `last_admin` lists the organisations in `orgs`. For services (`muster:write`).',
  params: Type.Object({ userId: UserId }),
  response: { 200: Erased },
  refusals: ['forbidden', 'user_not_found', 'last_admin'],
})
