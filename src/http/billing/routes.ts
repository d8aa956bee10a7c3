import { getOrgBilling, getResourceBilling } from '../../domain/billing/read.ts'
import { setBilling } from '../../domain/billing/set.ts'
import { ok } from '../answer.ts'
import type { Routes } from '../api.ts'
import { targetOf } from '../input.ts'
import * as operations from './operations.ts'

const OF_ORG = '/orgs/:orgId/billing'
const OF_RESOURCE = '/orgs/:orgId/resources/:resourceId/billing'

export const billingRoutes: Routes = (api) => {
  api.get(OF_ORG, operations.getOrgBilling, async (db, { actor, params }) =>
    ok(await getOrgBilling(db, actor, params)),
  )

  api.put(OF_ORG, operations.setOrgBilling, async (db, request) =>
    ok(await setBilling(db, request.actor, { ...targetOf(request), information: request.body })),
  )

  api.get(OF_RESOURCE, operations.getResourceBilling, async (db, { actor, params }) =>
    ok(await getResourceBilling(db, actor, params)),
  )

  api.put(OF_RESOURCE, operations.setResourceBilling, async (db, request) =>
    ok(await setBilling(db, request.actor, { ...targetOf(request), information: request.body })),
  )
}
