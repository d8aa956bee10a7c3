import { Type } from '@sinclair/typebox'
import { strict } from './fields.ts'

const Fault = Type.Object(
  {
    pointer: Type.Optional(
      Type.String({ description: 'JSON Pointer (RFC 6901) into the body.', examples: ['/name'] }),
    ),
    parameter: Type.Optional(Type.String({ description: 'A parameter of the path, the query or a header.' })),
    detail: Type.String(),
  },
  strict,
)

/** RFC 9457, with `code` as the stable name that a program can rely on. */
export const Problem = Type.Object(
  {
    type: Type.String({ format: 'uri' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'A sentence for a person. Its words may change.' }),
    instance: Type.String({ description: 'The path that was called, without secrets.' }),
    code: Type.String({ description: 'The stable name of the problem.' }),
    requestId: Type.String({ description: 'Find the call in the log by it.' }),
    errors: Type.Optional(Type.Array(Fault)),
    orgs: Type.Optional(
      Type.Array(Type.Object({ id: Type.String(), name: Type.String() }, strict), {
        description: 'Of `last_admin`, when a person is erased: the organisations in the way.',
      }),
    ),
  },
  {
    $id: 'Problem',
    examples: [
      {
        type: 'urn:muster:problem:last_admin',
        title: 'Last admin',
        status: 409,
        detail: 'An organisation needs an Admin. Make somebody else Admin first.',
        instance: '/orgs/01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e/leave',
        code: 'last_admin',
        requestId: '01980f3a-9d10-7c11-8a55-1f2e3d4c5b6a',
      },
    ],
  },
)
