import { Type } from '@sinclair/typebox'
import { Email, line, strict } from '../contract/fields.ts'
import { Me } from '../me/schema.ts'

const { user, orgs, moreOrgs } = Me.properties
const [{ openInvitations, ...EXAMPLE }] = Me.examples

export const Account = Type.Object(
  { user, orgs, moreOrgs },
  { $id: 'Account', description: 'Somebody, and where they are.', examples: [EXAMPLE] },
)

export const PutUser = Type.Object(
  {
    email: Type.Optional(Email),
    emailVerified: Type.Optional(
      Type.Boolean({
        description:
          'Absent: an address that is known to be verified stays so, and another one is not. Only a verified one is shown its invitations.',
      }),
    ),
    name: Type.Optional(line(200, { examples: ['Alice'] })),
  },
  {
    $id: 'PutUser',
    ...strict,
    examples: [{ email: 'alice@example.com', emailVerified: true, name: 'Alice' }],
  },
)

export const ErasedUser = Type.Object(
  {
    pseudonym: Type.String({
      pattern: '^erased-',
      description: 'What the person is called from now on in what stays, such as the audit log.',
    }),
  },
  {
    $id: 'ErasedUser',
    description: 'Done.',
    examples: [{ pseudonym: 'erased-1c2d9a1e-6d0c-4d38-9d7c-6a2f1f0d8f11' }],
  },
)
