import { Type } from '@sinclair/typebox'
import { DELIVERY_STATUSES } from '../../domain/webhooks/webhook.ts'
import {
  etag,
  Id,
  IdempotencyHeader,
  IfMatchHeader,
  oneOf,
  PageQuery,
  ref,
  strict,
  VerbHeaders,
} from '../contract/fields.ts'
import { NoContent, operation } from '../contract/operation.ts'
import {
  CreateWebhook,
  Delivery,
  DeliveryPage,
  UpdateWebhook,
  Webhook,
  WebhookPage,
  WebhookWithSecret,
} from './schema.ts'

const WebhookParams = Type.Object({ webhookId: { ...Id, description: "The webhook's id." } })
const DeliveryParams = Type.Object({
  ...WebhookParams.properties,
  deliveryId: { ...Id, description: "The delivery's id." },
})

export const createWebhook = operation({
  operationId: 'createWebhook',
  tags: ['Webhooks'],
  summary: 'Have an endpoint told of events',
  description:
    'From now on, signed by Standard Webhooks: verify `webhook-id`, `webhook-timestamp` and `webhook-signature` with any of its libraries and the secret, which is in this answer alone. The body is the event, as the feed tells it. Answer with 2xx within 15 s; what fails is tried again for about three days. The same event may come more than once, always with the same `webhook-id`, and not always in order. For services (`muster:write`).',
  headers: IdempotencyHeader,
  body: ref(CreateWebhook),
  response: { 201: { ...ref(WebhookWithSecret), ...etag } },
  refusals: ['forbidden', 'too_many_webhooks'],
})

export const listWebhooks = operation({
  operationId: 'listWebhooks',
  tags: ['Webhooks'],
  summary: 'List the webhooks',
  description: 'In the order they were created. For services (`muster:read`).',
  querystring: Type.Object(PageQuery, strict),
  response: { 200: ref(WebhookPage) },
  refusals: ['forbidden', 'invalid_cursor'],
})

export const getWebhook = operation({
  operationId: 'getWebhook',
  tags: ['Webhooks'],
  summary: 'Read a webhook',
  description: 'For services (`muster:read`).',
  params: WebhookParams,
  response: { 200: { ...ref(Webhook), ...etag } },
  refusals: ['forbidden', 'webhook_not_found'],
})

export const updateWebhook = operation({
  operationId: 'updateWebhook',
  tags: ['Webhooks'],
  summary: 'Change a webhook',
  description:
    'Sets the fields that are given. While it is disabled, events pass it by: the feed has them. For services (`muster:write`).',
  params: WebhookParams,
  headers: IfMatchHeader,
  body: ref(UpdateWebhook),
  response: { 200: { ...ref(Webhook), ...etag } },
  refusals: ['forbidden', 'webhook_not_found', 'version_mismatch'],
})

export const deleteWebhook = operation({
  operationId: 'deleteWebhook',
  tags: ['Webhooks'],
  summary: 'Delete a webhook',
  description: 'And its deliveries. For services (`muster:write`).',
  params: WebhookParams,
  headers: IfMatchHeader,
  response: { 204: NoContent },
  refusals: ['forbidden', 'webhook_not_found', 'version_mismatch'],
})

export const rotateSecret = operation({
  operationId: 'rotateSecret',
  tags: ['Webhooks'],
  summary: 'Give a webhook a new secret',
  description:
    'It is in this answer alone. The old one signs beside it for 24 hours: change over in that time. For services (`muster:write`).',
  params: WebhookParams,
  headers: VerbHeaders,
  response: { 200: { ...ref(WebhookWithSecret), ...etag } },
  refusals: ['forbidden', 'webhook_not_found', 'version_mismatch'],
})

export const sendTestEvent = operation({
  operationId: 'sendTestEvent',
  tags: ['Webhooks'],
  summary: 'Send a test event',
  description:
    'Of the type `webhook.test`, to this endpoint alone, whichever types it wants. What becomes of it is in the list of deliveries. For services (`muster:write`).',
  params: WebhookParams,
  headers: IdempotencyHeader,
  response: { 201: ref(Delivery) },
  refusals: ['forbidden', 'webhook_not_found', 'webhook_disabled'],
})

export const listDeliveries = operation({
  operationId: 'listDeliveries',
  tags: ['Webhooks'],
  summary: 'List the deliveries',
  description: 'Of the last 30 days, the newest first. For services (`muster:read`).',
  params: WebhookParams,
  querystring: Type.Object({ ...PageQuery, status: Type.Optional(oneOf(DELIVERY_STATUSES)) }, strict),
  response: { 200: ref(DeliveryPage) },
  refusals: ['forbidden', 'webhook_not_found', 'invalid_cursor'],
})

export const redeliver = operation({
  operationId: 'redeliver',
  tags: ['Webhooks'],
  summary: 'Send an event again',
  description:
    'As a new delivery, at once; the receiver knows it by the same `webhook-id`. For services (`muster:write`).',
  params: DeliveryParams,
  headers: IdempotencyHeader,
  response: { 201: ref(Delivery) },
  refusals: ['forbidden', 'webhook_not_found', 'delivery_not_found', 'webhook_disabled'],
})
