import { Type } from '@sinclair/typebox'
import { Id, nullable, RoleName, UserId } from '../contract/fields.ts'

export const Profile = Type.Object({
  id: UserId,
  email: nullable(Type.String()),
  emailVerified: Type.Boolean({ description: 'Only a verified address is shown its invitations.' }),
  name: nullable(Type.String()),
})

export const Me = Type.Object(
  {
    user: Profile,
    orgs: Type.Array(
      Type.Object({
        id: Id,
        name: Type.String(),
        slug: nullable(Type.String()),
        logoUrl: nullable(Type.String()),
        role: RoleName,
      }),
      { description: 'The first 100, in the order they were joined.' },
    ),
    moreOrgs: Type.Boolean({ description: 'There are more; `GET /orgs` pages through them.' }),
    openInvitations: Type.Integer({ description: 'The number on the bell.' }),
  },
  {
    $id: 'Me',
    description: 'All that a dashboard shows first.',
    examples: [
      {
        user: { id: 'auth0|64f1c0ffee', email: 'alice@example.com', emailVerified: true, name: 'Alice' },
        orgs: [
          {
            id: '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e',
            name: "Alice's organisation",
            slug: null,
            logoUrl: null,
            role: 'admin',
          },
        ],
        moreOrgs: false,
        openInvitations: 1,
      },
    ],
  },
)
