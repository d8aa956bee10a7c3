import { ref } from '../contract/fields.ts'
import { operation } from '../contract/operation.ts'
import { Me } from './schema.ts'

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
