import { type TObject, Type } from '@sinclair/typebox'
import { EVENT_TYPES, type EventData, type EventType } from '../../domain/events/event.ts'
import { Id, nullable, oneOf, RoleName } from '../contract/fields.ts'
import { Invitation } from '../invitations/schema.ts'
import { memberFields } from '../members/schema.ts'
import { Org } from '../orgs/schema.ts'
import { Resource } from '../resources/schema.ts'

// The data of each type of event, for the document alone. An answer passes on what was written, even by a version that
// wrote other fields.

const told = Type.Object

const Nothing = told({})
const changed = Type.Array(Type.String(), { description: 'The fields that were set.' })
const role = RoleName
const roleChange = { role, previousRole: { ...RoleName, description: 'Until then.' } }
const resourceId = Id
const path = Type.Array(Id, { description: 'From the root down to it.' })

const { name, slug, logoUrl, memberAccess, externalId } = Org.properties
const org = { name, slug, logoUrl, memberAccess }
const { email, resourceRoles, maxUses, uses, expiresAt } = Invitation.properties
const offer = { email, role, resourceRoles, maxUses, expiresAt }
const Offer = told(offer)
const { parentId, ...place } = Resource.properties
const resource = { type: place.type, name: place.name, externalId: place.externalId }
const Granted = told({ resourceId, role })

const DATA = {
  'org.created': told({
    ...org,
    externalId,
    personal: Type.Boolean({ description: 'Made for somebody who signed up.' }),
  }),
  'org.updated': told({ ...org, changed }),
  'org.deleted': Nothing,
  'org.restored': Nothing,
  'member.added': told({ role, source: memberFields.source }),
  'member.role_changed': told(roleChange),
  'member.removed': Nothing,
  'member.left': Nothing,
  'invitation.created': Offer,
  'invitation.resent': Offer,
  'invitation.updated': told({ ...offer, changed }),
  'invitation.accepted': told({ ...offer, uses }),
  'invitation.declined': Offer,
  'invitation.revoked': Offer,
  'resource.created': told({ ...resource, parentId, path }),
  'resource.updated': told({ ...resource, changed }),
  'resource.moved': told({ parentId, previousParentId: parentId, path }),
  'resource.deleted': told({
    type: resource.type,
    below: Type.Integer({ description: 'How many resources below it went with it.' }),
  }),
  'grant.added': Granted,
  'grant.changed': told({ resourceId, ...roleChange }),
  'grant.removed': Granted,
  'billing.updated': Nothing,
  'user.erased': Nothing,
  'webhook.created': told({
    types: nullable(Type.Array(oneOf(EVENT_TYPES), { description: 'Null: all.' })),
  }),
  'webhook.updated': told({ changed }),
  'webhook.deleted': Nothing,
  'webhook.secret_rotated': Nothing,
  'webhook.disabled': told({ reason: oneOf(['gone', 'failing']) }),
  'webhook.test': Nothing,
} satisfies { [T in EventType]: TObject & { readonly static: EventData[T] } }

/** Pairs each kind of `data` with its types: one choice for each kind. */
const CHOICES = [...Map.groupBy(EVENT_TYPES, (type) => DATA[type])].map(([data, types]) =>
  told({ type: oneOf(types), data }, { title: types.join(', ') }),
)

export interface Document {
  readonly components: { readonly schemas: { readonly Event: TObject } }
}

/** Replaces the open `data` in the document with the data of each type of event. */
export function withEventData(document: Document) {
  const { schemas } = document.components
  const { data, ...properties } = schemas.Event.properties
  const Event = { ...schemas.Event, properties, required: Object.keys(properties), oneOf: CHOICES }
  return { ...document, components: { ...document.components, schemas: { ...schemas, Event } } }
}
