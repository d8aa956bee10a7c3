import type { Db } from '../../src/db/client.ts'
import type { Actor } from '../../src/domain/actor.ts'
import { setBilling } from '../../src/domain/billing/set.ts'
import { acceptInvitation } from '../../src/domain/invitations/accept.ts'
import { createResource } from '../../src/domain/resources/create.ts'
import { deleteResource } from '../../src/domain/resources/delete.ts'
import { grantRole } from '../../src/domain/resources/grant-role.ts'
import { updateResource } from '../../src/domain/resources/update.ts'
import { withdrawRole } from '../../src/domain/resources/withdraw-role.ts'
import type { Role } from '../../src/domain/roles.ts'
import type { Call } from './race.ts'
import { BACKEND, type Invited } from './scenes.ts'
import type { Tree } from './tree-scenes.ts'

// Each reads as a sentence, as in calls.ts: `moves(org, 'alice', 'a', 'b')`. `backend` calls as a service.

/** @param into null moves it to the root. */
export function moves({ orgId, who, idOf }: Tree, by: string, what: string, into: string | null): Call {
  const change = { parentId: into === null ? null : idOf(into) }
  return done((db) => updateResource(db, who(by), { orgId, resourceId: idOf(what), change }))
}

/** Moves too, and says whether the answer shows the resource there. */
export function movesTo({ orgId, who, idOf }: Tree, by: string, what: string, into: string): Call {
  const change = { parentId: idOf(into) }
  return async (db) => {
    const { parentId } = await updateResource(db, who(by), { orgId, resourceId: idOf(what), change })
    return parentId === change.parentId ? `in ${into}` : 'elsewhere'
  }
}

export function renames({ orgId, who, idOf }: Tree, by: string, what: string, name: string): Call {
  return done((db) => updateResource(db, who(by), { orgId, resourceId: idOf(what), change: { name } }))
}

/** @param under null creates it at the root. */
export function creates(
  { orgId, who, idOf }: Tree,
  by: string,
  name: string,
  under: string | null,
  externalId: string | null = null,
): Call {
  const parentId = under === null ? null : idOf(under)
  return done((db) => createResource(db, who(by), { orgId, type: 'place', name, parentId, externalId }))
}

export function deletes({ orgId, who, idOf }: Tree, by: string, what: string): Call {
  return done((db) => deleteResource(db, who(by), { orgId, resourceId: idOf(what) }))
}

/** Answers `granted`, or `changed` if there was a grant before, and the version then. */
export function grantsTo(tree: Tree, by: string, whom: string, role: Role, on: string): Call {
  return async (db) => {
    const { grant, first } = await grantRole(db, actorOf(tree, by), { ...grantAt(tree, whom, on), role })
    return `${first ? 'granted' : 'changed'} v${grant.version}`
  }
}

export function withdraws(tree: Tree, by: string, whom: string, on: string): Call {
  return done((db) => withdrawRole(db, actorOf(tree, by), grantAt(tree, whom, on)))
}

/** Answers `joined` or `again`, and how many of the rights were given and how many left out. */
export function acceptsRights({ codes, who }: Tree & Invited, name: string): Call {
  return async (db) => {
    const { joined, membership } = await acceptInvitation(db, who(name), { code: codes[0] ?? '' })
    const { resourceRoles, leftOut } = membership
    return `${joined ? 'joined' : 'again'} with ${resourceRoles.length} without ${leftOut.length}`
  }
}

/** Fills in what the caller saw empty: for a resource, or for the organisation if null. */
export function fillsIn(
  { orgId, who, idOf }: Tree,
  by: string,
  what: string | null,
  legalName: string,
): Call {
  const place = what === null ? { orgId } : { orgId, resourceId: idOf(what) }
  return async (db) => {
    const { version } = await setBilling(db, who(by), { ...place, information: { legalName }, ifMatch: [0] })
    return `v${version}`
  }
}

/** Also says what can be seen once the call is answered. */
export function thenLooks(call: Call, look: () => Promise<string>): Call {
  return async (db) => `${await call(db)}, then ${await look()}`
}

function actorOf({ who }: Tree, name: string): Actor {
  return name === 'backend' ? BACKEND : who(name)
}

function grantAt({ orgId, who, idOf }: Tree, whom: string, on: string) {
  return { orgId, userId: who(whom).id, resourceId: idOf(on) }
}

function done(work: (db: Db) => Promise<unknown>): Call {
  return async (db) => {
    await work(db)
    return 'done'
  }
}
