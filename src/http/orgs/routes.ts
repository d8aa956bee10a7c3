import { transferOrg } from '../../domain/members/transfer.ts'
import { createOrg } from '../../domain/orgs/create.ts'
import { deleteOrg } from '../../domain/orgs/delete.ts'
import { leaveOrg } from '../../domain/orgs/leave.ts'
import { getOrg, listOrgs } from '../../domain/orgs/read.ts'
import { restoreOrg } from '../../domain/orgs/restore.ts'
import { updateOrg } from '../../domain/orgs/update.ts'
import { created, DONE, ok } from '../answer.ts'
import type { Routes } from '../api.ts'
import { after, IdKey, page } from '../cursor.ts'
import { once } from '../idempotency/once.ts'
import { stillProvisions } from '../idempotency/still-may.ts'
import { targetOf, versionedInputOf } from '../input.ts'
import * as operations from './operations.ts'

const ORG = '/orgs/:orgId'

export const orgRoutes: Routes = (api) => {
  api.post(
    '/orgs',
    operations.createOrg,
    once(async (db, { actor, body }) => {
      const org = await createOrg(db, actor, body)
      return created(org, `/orgs/${org.id}`)
    }, stillProvisions),
  )

  api.get('/orgs', operations.listOrgs, async (db, request) => {
    const { limit = 25, externalId, userId } = request.query
    const filter = { externalId, userId, limit, after: after(request, IdKey) }
    const orgs = await listOrgs(db, request.actor, filter)
    return ok(page(request, orgs, ({ id }) => id))
  })

  api.get(ORG, operations.getOrg, async (db, { actor, params }) => ok(await getOrg(db, actor, params)))

  api.patch(ORG, operations.updateOrg, async (db, request) =>
    ok(await updateOrg(db, request.actor, { ...targetOf(request), change: request.body })),
  )

  api.delete(ORG, operations.deleteOrg, async (db, request) => {
    const { confirm } = request.query
    await deleteOrg(db, request.actor, { ...targetOf(request), confirm })
    return DONE
  })

  api.post(
    `${ORG}/restore`,
    operations.restoreOrg,
    once(async (db, request) => ok(await restoreOrg(db, request.actor, targetOf(request))), stillProvisions),
  )

  api.post(
    `${ORG}/leave`,
    operations.leaveOrg,
    once(async (db, request) => {
      await leaveOrg(db, request.actor, versionedInputOf(request))
      return DONE
    }),
  )

  api.post(
    `${ORG}/transfer`,
    operations.transferOrg,
    once(async (db, request) => ok(await transferOrg(db, request.actor, versionedInputOf(request)))),
  )
}
