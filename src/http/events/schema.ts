import { Type } from '@sinclair/typebox'
import { EVENT_TYPES } from '../../domain/events/event.ts'
import { Id, nullable, oneOf, pageOf, ref, Timestamp } from '../contract/fields.ts'

const EXAMPLE = {
  id: '01980f3a-9d10-7c11-8a55-1f2e3d4c5b6a',
  type: 'member.role_changed',
  orgId: '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e',
  actor: { type: 'user', userId: 'auth0|64f1c0ffee' },
  subject: { type: 'user', id: 'auth0|64f1cafe01' },
  data: { role: 'accounting', previousRole: 'member' },
  occurredAt: '2026-01-31T09:30:00.000Z',
  sequence: 42,
}

export const EventTypeName = oneOf(EVENT_TYPES, { examples: ['member.added'] })

const Actor = Type.Object(
  {
    type: oneOf(['user', 'service', 'system']),
    userId: nullable(Type.String({ description: "The `sub` of the token, a service's too." })),
  },
  { description: 'Who did it. The system: nobody asked for it.' },
)

const Subject = Type.Object(
  { type: oneOf(['organization', 'user', 'invitation', 'resource', 'webhook']), id: Type.String() },
  { description: 'What it happened to. A member and a grant are told as the user who has it.' },
)

export const Event = Type.Object(
  {
    id: { ...Id, description: 'The same wherever the event is told, and each time.' },
    type: EventTypeName,
    orgId: nullable({ ...Id, description: 'Null: of no organisation.' }),
    actor: Actor,
    subject: Subject,
    data: Type.Unsafe<Readonly<Record<string, unknown>>>({
      type: 'object',
      additionalProperties: true,
      description:
        'What each type tells is listed in docs/events.md: ids, roles, and what was named. No code, no secret, nothing of an invoice.',
    }),
    occurredAt: Timestamp,
    sequence: nullable(
      Type.Integer({ description: 'Counts the events of the organisation from 1, without gaps.' }),
    ),
  },
  { $id: 'Event', description: 'Something that has happened.', examples: [EXAMPLE] },
)

export const EventPage = pageOf(ref(Event), 'EventPage', { examples: [{ data: [EXAMPLE], next: null }] })

export const Feed = Type.Object(
  {
    data: Type.Array(ref(Event)),
    next: Type.String({
      description:
        'Never null: the `cursor` to go on with, now or later. Where nothing has happened since, the page is empty and leads to where it was.',
    }),
  },
  { $id: 'Feed', description: 'One page of the feed.', examples: [{ data: [EXAMPLE], next: 'WyJ…' }] },
)
