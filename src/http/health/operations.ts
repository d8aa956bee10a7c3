import { Type } from '@sinclair/typebox'
import { operation } from '../contract/operation.ts'

const Up = Type.Object({ status: Type.String() }, { description: 'Yes.', examples: [{ status: 'ok' }] })

export const livez = operation({
  operationId: 'livez',
  tags: ['Operations'],
  summary: 'Is the process alive?',
  description: 'Asks nothing else. Restart it when this does not answer.',
  security: [],
  response: { 200: Up },
  refusals: [],
})

export const readyz = operation({
  operationId: 'readyz',
  tags: ['Operations'],
  summary: 'Can it serve?',
  description:
    'The database answers and its migrations are applied. 503 `unavailable` until then, and while it stops.',
  security: [],
  response: { 200: Up },
  refusals: [],
})
