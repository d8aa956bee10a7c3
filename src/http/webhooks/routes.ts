import { createWebhook } from '../../domain/webhooks/create.ts'
import { deleteWebhook } from '../../domain/webhooks/delete.ts'
import { listDeliveries } from '../../domain/webhooks/deliveries.ts'
import { getWebhook, listWebhooks } from '../../domain/webhooks/read.ts'
import { redeliver } from '../../domain/webhooks/redeliver.ts'
import { rotateSecret } from '../../domain/webhooks/rotate-secret.ts'
import { sendTestEvent } from '../../domain/webhooks/send-test.ts'
import { updateWebhook } from '../../domain/webhooks/update.ts'
import { created, DONE, ok } from '../answer.ts'
import type { Routes } from '../api.ts'
import { after, IdKey, page } from '../cursor.ts'
import { once } from '../idempotency/once.ts'
import { stillProvisions } from '../idempotency/still-may.ts'
import { targetOf } from '../input.ts'
import * as operations from './operations.ts'

const WEBHOOK = '/webhooks/:webhookId'

export const webhookRoutes: Routes = (api, { webhooks: settings }) => {
  api.post(
    '/webhooks',
    operations.createWebhook,
    once(async (db, { actor, body }) => {
      const webhook = await createWebhook(db, actor, body, settings)
      return created(webhook, `/webhooks/${webhook.id}`)
    }, stillProvisions),
  )

  api.get('/webhooks', operations.listWebhooks, async (db, request) => {
    const { limit = 25 } = request.query
    const webhooks = await listWebhooks(db, request.actor, { limit, after: after(request, IdKey) })
    return ok(page(request, webhooks, ({ id }) => id))
  })

  api.get(WEBHOOK, operations.getWebhook, async (db, { actor, params }) =>
    ok(await getWebhook(db, actor, params)),
  )

  api.patch(WEBHOOK, operations.updateWebhook, async (db, request) => {
    const input = { ...targetOf(request), change: request.body }
    return ok(await updateWebhook(db, request.actor, input, settings))
  })

  api.delete(WEBHOOK, operations.deleteWebhook, async (db, request) => {
    await deleteWebhook(db, request.actor, targetOf(request))
    return DONE
  })

  api.post(
    `${WEBHOOK}/rotate-secret`,
    operations.rotateSecret,
    once(
      async (db, request) => ok(await rotateSecret(db, request.actor, targetOf(request), settings)),
      stillProvisions,
    ),
  )

  api.post(
    `${WEBHOOK}/test`,
    operations.sendTestEvent,
    once(async (db, { actor, params }) => created(await sendTestEvent(db, actor, params)), stillProvisions),
  )

  api.get(`${WEBHOOK}/deliveries`, operations.listDeliveries, async (db, request) => {
    const { limit = 25, status } = request.query
    const filter = { status, limit, after: after(request, IdKey) }
    const deliveries = await listDeliveries(db, request.actor, { ...filter, ...request.params })
    return ok(page(request, deliveries, ({ id }) => id))
  })

  api.post(
    `${WEBHOOK}/deliveries/:deliveryId/redeliver`,
    operations.redeliver,
    once(async (db, { actor, params }) => created(await redeliver(db, actor, params)), stillProvisions),
  )
}
