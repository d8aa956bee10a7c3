import { v7 as uuidv7 } from 'uuid'
import { theOne } from '../../src/db/client.ts'
import { invitationCodes, invitations } from '../../src/db/tables/invitations.ts'
import { members, orgs, users } from '../../src/db/tables/orgs.ts'
import type { Service, User } from '../../src/domain/actor.ts'
import { hashCode, newCode } from '../../src/domain/invitations/code.ts'
import type { Role } from '../../src/domain/roles.ts'
import type { Stage } from './stage.ts'

/** The organisation and people of one round. Alice of one round is not Alice of another. */
export interface Scene {
  readonly orgId: string
  readonly orgName: string
  who(name: string): User
}

export const BACKEND: Service = { type: 'service', id: 'backend', scopes: new Set(['muster:write']) }

let latest = 0

/** Makes people whom Muster does not know yet, and the id that an organisation of theirs could have. */
export function newScene(): Scene {
  const number = ++latest
  return {
    orgId: uuidv7(),
    orgName: `Acme ${number}`,
    who: (name) => ({
      type: 'user',
      id: `${name}-${number}`,
      email: `${name}.${number}@example.com`,
      emailVerified: true,
      name,
    }),
  }
}

export function newScenes(count: number): Scene[] {
  return Array.from({ length: count }, newScene)
}

/** Makes an organisation for each round, with these members. */
export async function foundOrgs(stage: Stage, count: number, roles: Record<string, Role>): Promise<Scene[]> {
  const scenes = newScenes(count)
  await insertOrgs(stage, scenes, roles)
  return scenes
}

export type Group = readonly [Scene, Scene, ...Scene[]]

/** Makes several organisations for each round, each with an Alice of its own. */
export async function foundGroups(stage: Stage, count: number, size: number): Promise<Group[]> {
  const groups = Array.from({ length: count }, (): Group => [newScene(), newScene(), ...newScenes(size - 2)])
  await insertOrgs(stage, groups.flat(), { alice: 'admin' })
  return groups
}

async function insertOrgs({ muster }: Stage, scenes: Scene[], roles: Record<string, Role>): Promise<void> {
  const joining = scenes.flatMap(({ orgId, who }) =>
    Object.entries(roles).map(([name, role]) => ({ orgId, role, user: who(name) })),
  )
  await muster.db.transaction(async (tx) => {
    await tx.insert(orgs).values(scenes.map(({ orgId, orgName }) => ({ id: orgId, name: orgName })))
    await tx
      .insert(users)
      .values(
        joining.map(({ user: { id, email, emailVerified, name } }) => ({ id, email, emailVerified, name })),
      )
    await tx.insert(members).values(
      joining.map(({ orgId, role, user }) => ({
        orgId,
        role,
        userId: user.id,
        source: 'created' as const,
      })),
    )
  })
}

export interface Invited extends Scene {
  /** Codes of the offers, in their order, and the invitations that they open. */
  readonly codes: readonly string[]
  readonly invitationIds: readonly string[]
}

export interface Offer {
  /** Name of the person whose address it is for; absent for an open code. */
  readonly to?: string
  readonly by?: string
  readonly role?: Role
  readonly maxUses?: number
}

/** Adds these invitations to Alice's organisation of each round; she has handed out their codes. */
export async function inviteInto<S extends Scene>(
  stage: Stage,
  scenes: S[],
  offers: readonly Offer[],
): Promise<(S & Invited)[]> {
  const drafts = scenes.map((scene) => ({ scene, drafts: offers.map((offer) => draftOf(scene, offer)) }))
  const rows = drafts.flatMap((of) => of.drafts)
  await stage.muster.db.transaction(async (tx) => {
    await tx.insert(invitations).values(rows.map(({ invitation }) => invitation))
    await tx.insert(invitationCodes).values(
      rows.map(({ code, invitation }) => ({
        hash: theOne(hashCode(code) ?? undefined),
        orgId: invitation.orgId,
        invitationId: invitation.id,
      })),
    )
  })
  return drafts.map(({ scene, drafts }) => ({
    ...scene,
    codes: drafts.map(({ code }) => code),
    invitationIds: drafts.map(({ invitation }) => invitation.id),
  }))
}

const IN_A_WEEK = 7 * 24 * 3600 * 1000

function draftOf({ orgId, who }: Scene, { to, by = 'alice', role = 'member', maxUses = 1 }: Offer) {
  const invitation = {
    orgId,
    id: uuidv7(),
    email: to === undefined ? null : who(to).email,
    role,
    maxUses,
    expiresInDays: 7,
    expiresAt: new Date(Date.now() + IN_A_WEEK),
    inviterType: 'user' as const,
    inviterId: who(by).id,
  }
  return { code: newCode().code, invitation }
}
