import { Type } from '@sinclair/typebox'
import { ref, UserId } from '../contract/fields.ts'
import { operation } from '../contract/operation.ts'
import { UserExport } from './export-schema.ts'
import { Account, ErasedUser, PutUser } from './schema.ts'

const UserParams = Type.Object({ userId: UserId })

export const putUser = operation({
  operationId: 'putUser',
  tags: ['Users'],
  summary: 'Somebody signed up, or changed',
  description:
    'For the hook of your identity provider. What is left out stays as it is known. The first time gives them an organisation of their own, as `PUT /me` does (unless `PERSONAL_ORG=never`), and a 201. For services (`muster:write`).',
  params: UserParams,
  body: ref(PutUser),
  response: {
    200: { ...ref(Account), description: 'As it is now.' },
    201: { ...ref(Account), description: 'For the first time.' },
  },
  refusals: ['forbidden'],
})

export const getUser = operation({
  operationId: 'getUser',
  tags: ['Users'],
  summary: 'Read somebody, and where they are',
  description:
    'With their first 100 organisations; `GET /orgs?userId=` pages through all. For services (`muster:read`).',
  params: UserParams,
  response: { 200: ref(Account) },
  refusals: ['forbidden', 'user_not_found'],
})

export const exportUser = operation({
  operationId: 'exportUser',
  tags: ['Users'],
  summary: 'Export all that is kept of a person',
  description:
    'Over all organisations, for a request under article 15 of the GDPR. Of others it holds ids alone. For services (`muster:read`).',
  params: UserParams,
  response: { 200: ref(UserExport) },
  refusals: ['forbidden', 'user_not_found'],
})

export const eraseUser = operation({
  operationId: 'eraseUser',
  tags: ['Users'],
  summary: 'Erase a person',
  description:
    'In every organisation: memberships and rights end, invitations to them are revoked, and in what stays for others a pseudonym takes their place. Where they are the only Admin, 409 `last_admin` lists the organisations in `orgs`. For services (`muster:write`).',
  params: UserParams,
  response: { 200: ref(ErasedUser) },
  refusals: ['forbidden', 'user_not_found', 'last_admin'],
})
