import { Type } from '@sinclair/typebox'
import { DELIVERY_STATUSES } from '../../domain/webhooks/webhook.ts'
import { Id, line, nullable, oneOf, pageOf, ref, strict, Timestamp, Version } from '../contract/fields.ts'
import { EventTypeName } from '../events/schema.ts'

const EXAMPLE = {
  id: '01980f3a-aa10-7c11-8a55-1f2e3d4c5b6a',
  url: 'https://product.example.com/hooks/muster',
  description: 'Keeps our table of members in step',
  types: ['member.added', 'member.role_changed', 'member.removed', 'member.left'],
  status: 'enabled',
  disabledReason: null,
  failingSince: null,
  version: 1,
  createdAt: '2026-01-31T09:30:00.000Z',
  updatedAt: '2026-01-31T09:30:00.000Z',
}

const Url = Type.String({
  maxLength: 2048,
  description: 'https, on the public internet: no user name, no fragment, no private address.',
  examples: [EXAMPLE.url],
})

const Types = Type.Unsafe<(typeof EventTypeName.static)[] | null>({
  type: ['array', 'null'],
  items: EventTypeName,
  minItems: 1,
  maxItems: EventTypeName.enum.length,
  uniqueItems: true,
  description: 'Which events; null: all.',
})

const Description = nullable(line(200, { examples: [EXAMPLE.description] }))
const Status = oneOf(['enabled', 'disabled'])

const fields = {
  id: Id,
  url: Type.String(),
  description: nullable(Type.String()),
  types: Types,
  status: Status,
  disabledReason: Type.Unsafe<'requested' | 'gone' | 'failing' | null>({
    type: ['string', 'null'],
    enum: ['requested', 'gone', 'failing', null],
    description:
      '`gone`: it answered 410. `failing`: nothing got through for five days. Null while it is enabled.',
  }),
  failingSince: nullable({
    ...Timestamp,
    description: 'The first failure after the last success. ISO 8601, UTC.',
  }),
  version: Version,
  createdAt: Timestamp,
  updatedAt: Timestamp,
}

export const Webhook = Type.Object(fields, {
  $id: 'Webhook',
  description: 'An endpoint that is told of events.',
  examples: [EXAMPLE],
})

export const WebhookWithSecret = Type.Object(
  {
    ...fields,
    secret: Type.String({
      description:
        'What the receiver verifies signatures with, by Standard Webhooks. It is told in this answer alone.',
      examples: ['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD7yNGB6hJmnI='],
    }),
  },
  {
    $id: 'WebhookWithSecret',
    description: 'A webhook, and its secret.',
    examples: [{ ...EXAMPLE, secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD7yNGB6hJmnI=' }],
  },
)

export const WebhookPage = pageOf(ref(Webhook), 'WebhookPage', {
  examples: [{ data: [EXAMPLE], next: null }],
})

export const CreateWebhook = Type.Object(
  { url: Url, types: Type.Optional(Types), description: Type.Optional(Description) },
  {
    $id: 'CreateWebhook',
    ...strict,
    examples: [{ url: EXAMPLE.url, types: EXAMPLE.types, description: EXAMPLE.description }],
  },
)

export const UpdateWebhook = Type.Partial(
  Type.Object({ url: Url, types: Types, description: Description, status: Status }),
  { $id: 'UpdateWebhook', ...strict, examples: [{ status: 'enabled' }] },
)

const DELIVERY_EXAMPLE = {
  id: '01980f3a-bb10-7c11-8a55-1f2e3d4c5b6a',
  webhookId: EXAMPLE.id,
  event: { id: '01980f3a-9d10-7c11-8a55-1f2e3d4c5b6a', type: 'member.added' },
  status: 'pending',
  attempts: 1,
  responseStatus: 503,
  duration: 41,
  failure: null,
  createdAt: '2026-01-31T09:30:00.000Z',
  lastAttemptAt: '2026-01-31T09:30:00.300Z',
  nextAttemptAt: '2026-01-31T09:30:05.600Z',
}

export const Delivery = Type.Object(
  {
    id: Id,
    webhookId: Id,
    event: Type.Object({ id: Id, type: EventTypeName }),
    status: oneOf(DELIVERY_STATUSES, {
      description: '`succeeded`: answered with 2xx. `failed`: given up, after about three days, or by a 410.',
    }),
    attempts: Type.Integer(),
    responseStatus: nullable(
      Type.Integer({ description: 'Of the last attempt. Null: it was not answered.' }),
    ),
    duration: nullable(Type.Integer({ description: 'Of the last attempt, in milliseconds.' })),
    failure: nullable(
      Type.String({ description: 'Why the last attempt was not answered.', examples: ['timeout'] }),
    ),
    createdAt: Timestamp,
    lastAttemptAt: nullable(Timestamp),
    nextAttemptAt: nullable({ ...Timestamp, description: 'Null: there will be none. ISO 8601, UTC.' }),
  },
  {
    $id: 'Delivery',
    description: 'One event on its way to one endpoint.',
    examples: [DELIVERY_EXAMPLE],
  },
)

export const DeliveryPage = pageOf(ref(Delivery), 'DeliveryPage', {
  examples: [{ data: [DELIVERY_EXAMPLE], next: null }],
})
