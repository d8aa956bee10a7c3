import { Type } from '@sinclair/typebox'
import { Id, nullable, RoleName, ref, UserId } from '../contract/fields.ts'
import { operation } from '../contract/operation.ts'

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

export const signIn = operation({
  operationId: 'signIn',
  tags: ['Me'],
  summary: 'I signed in',
  description:
    'Keeps the profile of the token. Who signs in for the first time gets an organisation of their own (unless `PERSONAL_ORG=never`) and a 201; later it is a 200. Call it after each sign-in.',
  response: {
    200: { ...ref(Me), description: 'As it is now.' },
    201: { ...ref(Me), description: 'For the first time.' },
  },
  refusals: ['forbidden'],
})

export const getMe = operation({
  operationId: 'getMe',
  tags: ['Me'],
  summary: 'Who I am, my organisations, my bell',
  description: 'The same as `PUT /me` without a change: one call fills a dashboard.',
  response: { 200: ref(Me) },
  refusals: ['forbidden'],
})
