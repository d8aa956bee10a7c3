import type { FastifyRequest } from 'fastify'
import type { Tx } from '../../db/client.ts'
import { refuseUnscoped } from '../../domain/access/rules.ts'
import { lockOrgFor } from '../../domain/orgs/lock.ts'
import { lockParentFor } from '../../domain/resources/lock.ts'

// Checks that run before a kept answer is given again: the caller must still have the right to it.

/** Guards an answer that can hold an invitation's code. */
export async function stillManagesInvitations(
  tx: Tx,
  { actor, params }: FastifyRequest & { params: { orgId: string } },
): Promise<void> {
  await lockOrgFor(tx, actor, 'invitations:manage', params.orgId)
}

/** Requires that the present token of a service has the scope. */
export async function stillProvisions(_tx: Tx, { actor }: FastifyRequest): Promise<void> {
  if (actor.type === 'service') refuseUnscoped(actor, 'muster:write')
}

export async function stillMayCreateResource(
  tx: Tx,
  { actor, params, body }: FastifyRequest & { params: { orgId: string }; body: { parentId?: string | null } },
): Promise<void> {
  await lockParentFor(tx, actor, params.orgId, body.parentId ?? null)
}
