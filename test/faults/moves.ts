import { adminOf, asAdmin, type Choice, condition, type Move, nameOf, roleIn, somebodyIn } from './choice.ts'
import type { Random } from './random.ts'
import { keyOf, rightsIn } from './rights.ts'
import { TREE_MOVES } from './tree-moves.ts'
import { BACKEND, type World } from './world.ts'

export function chooseMove(world: World, random: Random): Move {
  const total = MOVES.reduce((sum, [weight]) => sum + weight, 0)
  let left = random.below(total)
  for (const [weight, choose] of MOVES) {
    left -= weight
    if (left < 0) return choose(world, random)
  }
  throw new Error('the weights do not add up')
}

const invite: Choice = (world, random) => {
  const { org, by } = asAdmin(world, random)
  const email = `${random.pick(world.people)}@example.com`
  const resourceRoles = rightsIn(world, org.id, random, ['admin', 'accounting', 'member'])
  const body = {
    email: random.chance(0.2) ? email.toUpperCase() : email,
    role: roleIn(random),
    resourceRoles,
  }
  return {
    ...{ by, method: 'post', path: `/orgs/${org.id}/invitations` },
    body: { ...body, notify: random.chance(0.5) },
    note: (reply) => world.invited(org, reply.body),
    isRight: (reply) => keyOf(reply.body.resourceRoles) === keyOf(resourceRoles),
  }
}

const makeOpenCode: Choice = (world, random) => {
  const { org, by } = asAdmin(world, random)
  return {
    ...{ by, method: 'post', path: `/orgs/${org.id}/invitations` },
    body: {
      maxUses: 1 + random.below(4),
      role: random.pick(['member', 'accounting']),
      resourceRoles: rightsIn(world, org.id, random, ['accounting', 'member']),
    },
    note: (reply) => world.invited(org, reply.body),
  }
}

const inviteBatch: Choice = (world, random) => {
  const { org, by } = asAdmin(world, random)
  const invitations = [1, 2, 3].map(() => ({
    email: `${random.pick(world.people)}@example.com`,
    notify: false,
  }))
  return {
    ...{ by, method: 'post', path: `/orgs/${org.id}/invitations/batch`, body: { invitations } },
    note: ({ body }) => {
      for (const { invitation } of body.results) if (invitation) world.invited(org, invitation)
    },
  }
}

const accept: Choice = (world, random) => {
  const { id, code, email } = recent(world, random)
  const addressed = email?.split('@')[0]
  const by = addressed && random.chance(0.8) ? addressed : random.pick(world.people)
  return {
    ...{ by, method: 'post', path: `/invitations/${code ?? id}/accept` },
    note: ({ status, body }) => {
      if (status !== 201) return
      world.wins.set(id, (world.wins.get(id) ?? 0) + 1)
      for (const org of world.orgs) if (org.id === body.orgId) org.joined += 1
    },
    // A new member holds all that was offered at some time, except what was left out.
    isRight: ({ status, body }) =>
      status !== 201 || world.offers.get(id)?.has(keyOf([...body.resourceRoles, ...body.leftOut])) === true,
  }
}

const decline: Choice = (world, random) => {
  const { id, email } = recent(world, random)
  return {
    by: email?.split('@')[0] ?? random.pick(world.people),
    method: 'post',
    path: `/invitations/${id}/decline`,
    body: {},
  }
}

const revoke: Choice = (world, random) => ofInvitation(world, random, 'revoke')

const resend: Choice = (world, random) => {
  const move = ofInvitation(world, random, 'resend')
  return {
    ...move,
    note: ({ body: { id, orgId, email, code } }) => {
      world.invitations.push({ id, orgId, email, ...(code && { code }) })
    },
  }
}

const edit: Choice = (world, random) => {
  const invitation = recent(world, random)
  const resourceRoles = rightsIn(world, invitation.orgId, random, ['accounting', 'member'])
  const body = random.pick<object>([
    { role: roleIn(random) },
    { expiresInDays: 1 + random.below(30) },
    { resourceRoles },
  ])
  if ('resourceRoles' in body) world.offers.get(invitation.id)?.add(keyOf(resourceRoles))
  return { ...ofInvitation(world, random, '', invitation), method: 'patch', body }
}

const changeRole: Choice = (world, random) => {
  const { org, by } = asAdmin(world, random)
  return {
    ...{ by, method: 'patch', path: `/orgs/${org.id}/members/${somebodyIn(world, org, random)}` },
    ...{ body: { role: roleIn(random) }, headers: condition(random) },
  }
}

const remove: Choice = (world, random) => {
  const { org, by } = asAdmin(world, random)
  return {
    ...{ by, method: 'delete', path: `/orgs/${org.id}/members/${somebodyIn(world, org, random)}` },
    note: () => {
      org.gone += 1
    },
  }
}

const leave: Choice = (world, random) => {
  const org = random.pick(world.orgs)
  return {
    ...{ by: somebodyIn(world, org, random), method: 'post', path: `/orgs/${org.id}/leave` },
    body: { confirm: nameOf(random) },
    note: () => {
      org.gone += 1
    },
  }
}

const transfer: Choice = (world, random) => {
  const { org, by } = asAdmin(world, random)
  const then = random.pick(['member', 'accounting', 'leave'])
  return {
    ...{ by, method: 'post', path: `/orgs/${org.id}/transfer` },
    body: { toUserId: somebodyIn(world, org, random), then },
    note: () => {
      org.gone += then === 'leave' ? 1 : 0
    },
  }
}

const updateOrg: Choice = (world, random) => {
  const { org, by } = asAdmin(world, random)
  const change = random.pick<object>([
    { name: nameOf(random) },
    { slug: random.pick(['one', 'two']) },
    { metadata: { number: random.below(100) } },
    { memberAccess: random.pick(['all', 'granted', 'granted']) },
  ])
  return {
    ...{ by, method: 'patch', path: `/orgs/${org.id}`, body: change, headers: condition(random) },
    note: () => {
      org.updated += 1
    },
  }
}

const deleteOrg: Choice = (world, random) => {
  const { org, by } = asAdmin(world, random)
  return {
    ...{ by, method: 'delete', path: `/orgs/${org.id}?confirm=${nameOf(random)}` },
    note: () => {
      org.deleted += 1
    },
  }
}

const restoreOrg: Choice = (world, random) => ({
  ...{ by: BACKEND, method: 'post', path: `/orgs/${random.pick(world.orgs).id}/restore` },
})

const createOrg: Choice = (world, random) =>
  random.chance(0.5)
    ? { by: random.pick(world.people), method: 'post', path: '/orgs', body: { name: 'Another' } }
    : {
        by: BACKEND,
        method: 'post',
        path: '/orgs',
        body: { name: 'Another', adminUserId: random.pick(world.people) },
      }

const signIn: Choice = (world, random) => ({ by: random.pick(world.people), method: 'put', path: '/me' })

const read: Choice = (world, random) => {
  const path = `/orgs/${random.pick(world.orgs).id}`
  return {
    by: random.pick(world.people),
    method: 'get',
    path: random.pick([
      '/me',
      ...['/orgs', '/invitations'],
      ...[path, `${path}/members`, `${path}/invitations`, `${path}/resources`, `${path}/billing`],
    ]),
  }
}

/** Makes any call as a person who belongs nowhere. */
const intrude: Choice = (world, random) => {
  const [, choose] = random.pick(INTO_AN_ORG)
  const { note, ...move } = choose(world, random)
  return { ...move, by: world.outsider }
}

const INTO_AN_ORG: readonly [readonly [number, Choice], ...(readonly [number, Choice])[]] = [
  [16, invite],
  [6, makeOpenCode],
  [2, inviteBatch],
  [4, revoke],
  [4, resend],
  [3, edit],
  [16, changeRole],
  [8, remove],
  [8, leave],
  [8, transfer],
  [6, updateOrg],
  [2, deleteOrg],
  ...TREE_MOVES,
]

const MOVES: readonly (readonly [number, Choice])[] = [
  ...INTO_AN_ORG,
  [34, accept],
  [3, decline],
  [5, restoreOrg],
  [1, createOrg],
  [2, signIn],
  [8, read],
  [5, intrude],
]

function ofInvitation(
  world: World,
  random: Random,
  verb?: string,
  { id, orgId } = recent(world, random),
): Move {
  const by = random.chance(0.3) ? BACKEND : adminOf(world, orgId, random)
  return { by, method: 'post', path: `/orgs/${orgId}/invitations/${id}${verb ? `/${verb}` : ''}` }
}

/** Picks one of the latest invitations; before the first, one that does not exist. */
function recent(world: World, random: Random) {
  const nothing = { id: world.orgs[0].id, orgId: world.orgs[0].id, email: null, code: undefined }
  return random.pickAny(world.invitations.slice(-20)) ?? nothing
}
