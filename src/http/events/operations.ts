import { Type } from '@sinclair/typebox'
import { OrgParams, PageQuery, ref, strict, UserId } from '../contract/fields.ts'
import { operation } from '../contract/operation.ts'
import { EventPage, EventTypeName, Feed } from './schema.ts'

const Moment = Type.String({
  format: 'date-time',
  // Dates that JavaScript and PostgreSQL both know; no leap seconds.
  pattern: '^2\\d{3}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:[0-5]\\d(\\.\\d+)?([Zz]|[+-]\\d\\d:\\d\\d)$',
  examples: ['2026-01-31T00:00:00Z'],
})

export const listEvents = operation({
  operationId: 'listEvents',
  tags: ['Events'],
  summary: 'Read the audit log',
  description:
    'Who did what in the organisation, the newest first, as soon as it is done. For Admins and services.',
  params: OrgParams,
  querystring: Type.Object(
    {
      ...PageQuery,
      type: Type.Optional(EventTypeName),
      actor: Type.Optional({ ...UserId, description: 'Who did it: the `sub` of a user or a service.' }),
      from: Type.Optional({ ...Moment, description: 'From this moment on.' }),
      to: Type.Optional({ ...Moment, description: 'Until before this moment.' }),
    },
    strict,
  ),
  response: { 200: ref(EventPage) },
  refusals: ['forbidden', 'org_not_found', 'invalid_cursor'],
})

export const readFeed = operation({
  operationId: 'readFeed',
  tags: ['Events'],
  summary: 'Follow what happens everywhere',
  description:
    'The events of all organisations, the oldest first, within about a second. Keep `next` when you have worked through a page, and go on from there: nothing is ever skipped, and nothing comes twice. For services (`muster:read`).',
  querystring: Type.Object(PageQuery, strict),
  response: { 200: ref(Feed) },
  refusals: ['forbidden', 'invalid_cursor', 'cursor_expired'],
})
