import { adminOf, asAdmin, type Choice, condition, somebodyIn } from './choice.ts'
import type { Random } from './random.ts'
import { resourceIn } from './rights.ts'
import { BACKEND, type World } from './world.ts'

const createResource: Choice = (world, random) => {
  const { orgId, resourceId, admin, by: asked } = onResource(world, random)
  const parentId = resourceId !== orgId && random.chance(0.75) ? resourceId : null
  const by = parentId === null ? admin : asked
  const externalId = random.chance(0.15) ? random.pick(['one', 'two', 'three']) : null
  return {
    ...{ by, method: 'post', path: `/orgs/${orgId}/resources` },
    body: { type: 'place', name: nameIn(random), parentId, externalId },
    note: ({ body }) => {
      const under = new Set(parentId === null ? [] : [parentId])
      world.resources.set(body.id, { orgId, under, changed: 0, deleted: false })
    },
    isRight: ({ body }) => body.parentId === parentId && body.externalId === externalId && body.version === 1,
  }
}

/** Renames, or moves and renames, so that each call is a change and a version. */
const updateResource: Choice = (world, random) => {
  const { orgId, resourceId, by, path } = onResource(world, random)
  const name = nameIn(random)
  const parentId = random.chance(0.25) ? null : (resourceIn(world, orgId, random) ?? null)
  const moves = random.chance(0.75)
  if (moves && parentId !== null) world.resources.get(resourceId)?.under.add(parentId)
  return {
    ...{ by, method: 'patch', path },
    ...{ body: { name, ...(moves && { parentId }) }, headers: condition(random) },
    note: () => {
      const account = world.resources.get(resourceId)
      if (account) account.changed += 1
    },
    isRight: ({ body }) => body.name === name && (!moves || body.parentId === parentId),
  }
}

const deleteResource: Choice = (world, random) => {
  const { resourceId, by, path } = onResource(world, random)
  return {
    ...{ by, method: 'delete', path, headers: condition(random) },
    note: () => {
      const account = world.resources.get(resourceId)
      if (account) account.deleted = true
    },
  }
}

const grant: Choice = (world, random) => {
  const { org, resourceId, by, path } = onResource(world, random)
  const userId = somebodyIn(world, org, random)
  const role = random.pick(['admin', 'accounting', 'member'])
  return {
    ...{ by: by === BACKEND ? adminOf(world, org.id, random) : by, method: 'put' },
    ...{ path: `${path}/members/${userId}`, body: { role }, headers: condition(random) },
    isRight: ({ status, body }) =>
      body.role === role &&
      body.userId === userId &&
      body.resourceId === resourceId &&
      (status === 200 || body.version === 1),
  }
}

let newcomers = 0

/** Adds a person whom Muster does not know yet, so that this, too, is one membership. */
const provision: Choice = (world, random) => {
  const { org, path } = onResource(world, random)
  return {
    ...{ by: BACKEND, method: 'put', path: `${path}/members/newcomer${newcomers++}` },
    body: { role: random.pick(['admin', 'accounting', 'member']) },
    note: () => {
      org.joined += 1
    },
    isRight: ({ status }) => status === 201,
  }
}

const withdraw: Choice = (world, random) => {
  const { orgId, by, path } = onResource(world, random)
  const held = random.pickAny(world.now.grants.filter((grant) => grant.orgId === orgId))
  return {
    ...{ by, method: 'delete', headers: condition(random) },
    path: held
      ? `/orgs/${orgId}/resources/${held.resourceId}/members/${held.userId}`
      : `${path}/members/${by}`,
  }
}

const fillIn: Choice = (world, random) => {
  const { orgId, by, path } = onResource(world, random)
  const legalName = nameIn(random)
  return {
    ...{ by, method: 'put', path: `${random.chance(0.5) ? path : `/orgs/${orgId}`}/billing` },
    ...{ body: { legalName }, headers: condition(random) },
    isRight: ({ body }) => body.legalName === legalName,
  }
}

export const TREE_MOVES: readonly (readonly [number, Choice])[] = [
  [20, createResource],
  [14, updateResource],
  [3, deleteResource],
  [14, grant],
  [2, provision],
  [4, withdraw],
  [4, fillIn],
]

/**
 * Picks a resource (one that does not exist, before the first), and a caller who could have a right on it: in the
 * organisation, or by a grant anywhere in it.
 */
function onResource(world: World, random: Random) {
  const { org, by: admin } = asAdmin(world, random)
  const resourceId = resourceIn(world, org.id, random) ?? org.id
  const granted = world.now.grants.filter(({ orgId, role }) => orgId === org.id && role === 'admin')
  const by = (random.chance(0.4) && random.pickAny(granted)?.userId) || admin
  return { org, orgId: org.id, resourceId, admin, by, path: `/orgs/${org.id}/resources/${resourceId}` }
}

const nameIn = (random: Random) => random.pick(['Design', 'Sales', 'Research'])
