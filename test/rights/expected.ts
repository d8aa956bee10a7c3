import { BACKEND } from './histories.ts'
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

// Translates the model's answers into Muster's.

/** The resources that a user lists: those they may read, in the order of ids. */
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

/** Names a resource above only to a user who may read that one too. */
export function peopleAsListed(org: Org, resourceId: string, asker: string) {
  const toldOf = new Set(visibleTo(org, asker).map(({ id }) => id))
  return peopleOn(org, resourceId).map((userId) => {
    const [reason] = reasonsFor(org, userId, resourceId)
    const grant = org.grants.find((grant) => grant.userId === userId && grant.resourceId === resourceId)
    return {
      userId,
      name: nameOf(userId),
      email: `${userId}@example.com`,
      role: reason?.role,
      source: reason?.source === resourceId ? 'direct' : 'inherited',
      from: reason && sourceOf(org, reason, toldOf),
      grant: grant ? { role: grant.role, version: grant.version } : null,
    }
  })
}

/** Lists each place where the member has a right, the organisation first, with every reason. */
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

function sourceOf(org: Org, { source }: Reason, toldOf?: ReadonlySet<string>) {
  if (source === null) return { type: 'organization', id: org.id, name: org.name }
  const name = !toldOf || toldOf.has(source) ? nameAt(org, source) : null
  return { type: 'resource', id: source, name }
}

function nameAt(org: Org, resourceId: string): string | undefined {
  return org.resources.get(resourceId)?.name
}

function parentOf(org: Org, resourceId: string): string | null | undefined {
  return org.resources.get(resourceId)?.parentId
}
