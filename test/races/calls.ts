import type { Db } from '../../src/db/client.ts'
import { acceptInvitation } from '../../src/domain/invitations/accept.ts'
import { declineInvitation } from '../../src/domain/invitations/decline.ts'
import type { DraftInput } from '../../src/domain/invitations/draft.ts'
import { invite } from '../../src/domain/invitations/invite.ts'
import { resendInvitation } from '../../src/domain/invitations/resend.ts'
import { revokeInvitation } from '../../src/domain/invitations/revoke.ts'
import { updateInvitation } from '../../src/domain/invitations/update.ts'
import { changeRole } from '../../src/domain/members/change-role.ts'
import { removeMember } from '../../src/domain/members/remove.ts'
import { transferOrg } from '../../src/domain/members/transfer.ts'
import { deleteOrg } from '../../src/domain/orgs/delete.ts'
import { leaveOrg } from '../../src/domain/orgs/leave.ts'
import type { Role } from '../../src/domain/roles.ts'
import { signIn } from '../../src/domain/users/sign-in.ts'
import type { Call } from './race.ts'
import type { Invited, Scene } from './scenes.ts'
import type { Stage } from './stage.ts'

// Each reads as a sentence: `demotes(org, 'alice', 'bob')`. Its last word is the answer when nothing is refused.

export function demotes(org: Scene, by: string, whom: string): Call {
  return changesRole(org, by, whom, 'member')
}

export function changesRole({ orgId, who }: Scene, by: string, whom: string, role: Role): Call {
  return done((db) => changeRole(db, who(by), { orgId, userId: who(whom).id, role }))
}

export function removes({ orgId, who }: Scene, by: string, whom: string): Call {
  return done((db) => removeMember(db, who(by), { orgId, userId: who(whom).id }))
}

export function leaves({ orgId, orgName, who }: Scene, name: string): Call {
  return done((db) => leaveOrg(db, who(name), { orgId, confirm: orgName }))
}

export function handsOver({ orgId, who }: Scene, from: string, to: string): Call {
  return done((db) => transferOrg(db, who(from), { orgId, toUserId: who(to).id, then: 'member' }))
}

export function deletesOrg({ orgId, orgName, who }: Scene, by: string): Call {
  return done((db) => deleteOrg(db, who(by), { orgId, confirm: orgName }))
}

/** Answers `joined`, or `again` for a caller who had joined by it before. */
export function accepts({ codes, who }: Invited, name: string, which = 0): Call {
  return async (db) => {
    const { joined } = await acceptInvitation(db, who(name), { code: codes[which] ?? '' })
    return joined ? 'joined' : 'again'
  }
}

export function declines({ codes, who }: Invited, name: string, which = 0): Call {
  return done((db) => declineInvitation(db, who(name), { code: codes[which] ?? '' }))
}

export function revokes(org: Invited, by: string, which = 0): Call {
  return done((db) => revokeInvitation(db, org.who(by), placeOf(org, which)))
}

export function resends({ muster: { config } }: Stage, org: Invited, by: string, which = 0): Call {
  return done((db) => resendInvitation(db, org.who(by), placeOf(org, which), config))
}

export function editsRole(org: Invited, by: string, role: Role, which = 0): Call {
  return done((db) => updateInvitation(db, org.who(by), { ...placeOf(org, which), change: { role } }))
}

export function invites(
  { muster: { config } }: Stage,
  { orgId, who }: Scene,
  by: string,
  input: DraftInput,
): Call {
  return async (db) => {
    await invite(db, who(by), { ...input, orgId }, config)
    return 'invited'
  }
}

/** Also returns the number of organisations that the dashboard then shows. */
export function signsIn({ who }: Scene, name: string): Call {
  return async (db) => {
    const { first, overview } = await signIn(db, who(name), 'always')
    return `${first ? 'first' : 'again'} (${overview.orgs.length})`
  }
}

function done(work: (db: Db) => Promise<unknown>): Call {
  return async (db) => {
    await work(db)
    return 'done'
  }
}

function placeOf({ orgId, invitationIds }: Invited, which: number) {
  return { orgId, invitationId: invitationIds[which] ?? '' }
}
