import {
  type Org,
  type Place,
  peopleOn,
  permissionsOf,
  type Reason,
  readableTo,
  reasonsFor,
  roleOf,
  wayUp,
} from './model.ts'
import { nameOf } from './play.ts'
import { BACKEND } from './world.ts'

// What the model's answers look like in those of Muster.

/** What somebody lists: what they may read, in the order of ids. */
export function visibleTo(org: Org, asker: string) {
  const ids = asker === BACKEND ? [...org.resources.keys()].sort() : readableTo(org, asker)
  return ids.map((id) => ({
    id,
    orgId: org.id,
    parentId: parentOf(org, id),
    name: nameAt(org, id),
    path: wayUp(org, id).reverse(),
    role: roleOf(org, asker, id),
  }))
}

export function peopleAsListed(org: Org, resourceId: string) {
  return peopleOn(org, resourceId).map((userId) => {
    const [reason] = reasonsFor(org, userId, resourceId)
    const grant = org.grants.find((grant) => grant.userId === userId && grant.resourceId === resourceId)
    return {
      userId,
      name: nameOf(userId),
      email: `${userId}@example.com`,
      role: reason?.role,
      source: reason?.source === resourceId ? 'direct' : 'inherited',
      from: reason && sourceOf(org, reason),
      grant: grant ? { role: grant.role, version: grant.version } : null,
    }
  })
}

/** Each place where the member has a right, the organisation first, with every reason. */
export function explanationOf(org: Org, userId: string) {
  const places: Place[] = [null, ...readableTo(org, userId)]
  return places.map((place) => {
    const reasons = reasonsFor(org, userId, place)
    const role = reasons[0]?.role
    return {
      resource:
        place === null
          ? null
          : { id: place, type: 'place', name: nameAt(org, place), parentId: parentOf(org, place) },
      role,
      permissions: role ? permissionsOf(role, place).sort() : [],
      reasons: reasons.map((reason) => ({
        role: reason.role,
        source: sourceOf(org, reason),
        grantedBy: reason.by && {
          type: reason.by.type,
          userId: reason.by.id,
          name: reason.by.type === 'user' ? nameOf(reason.by.id) : null,
        },
      })),
    }
  })
}

function sourceOf(org: Org, { source }: Reason) {
  return source === null
    ? { type: 'organization', id: org.id, name: org.name }
    : { type: 'resource', id: source, name: nameAt(org, source) }
}

function nameAt(org: Org, resourceId: string): string | undefined {
  return org.resources.get(resourceId)?.name
}

function parentOf(org: Org, resourceId: string): string | null | undefined {
  return org.resources.get(resourceId)?.parentId
}
