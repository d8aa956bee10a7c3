import { stillProvisions } from '../../domain/access/authorize.ts'
import { createWebhook } from '../../domain/webhooks/create.ts'
import { deleteWebhook } from '../../domain/webhooks/delete.ts'
import { getWebhook, listDeliveries, listWebhooks } from '../../domain/webhooks/read.ts'
import { redeliver } from '../../domain/webhooks/redeliver.ts'
import { rotateSecret } from '../../domain/webhooks/rotate-secret.ts'
import { sendTestEvent } from '../../domain/webhooks/send-test.ts'
import { updateWebhook } from '../../domain/webhooks/update.ts'
import { created, DONE, ok, send } from '../answer.ts'
import { after, IdKey, page } from '../cursor.ts'
import { once } from '../idempotency/once.ts'
import { ifMatch } from '../input.ts'
import type { Routes } from '../route.ts'
import * as schemas from './operations.ts'

const WEBHOOK = '/webhooks/:webhookId'

export const webhookRoutes: Routes = (app, { db, config: { webhooks: settings } }) => {
  app.post('/webhooks', { schema: schemas.createWebhook }, async (request, reply) => {
    const { actor, body } = request
    const create = async (tx: typeof db) => {
      const webhook = await createWebhook(tx, settings, actor, body)
      return created(webhook, `/webhooks/${webhook.id}`)
    }
    return send(reply, await once(db, request, create, stillProvisions(actor)))
  })

  app.get('/webhooks', { schema: schemas.listWebhooks }, async (request, reply) => {
    const { limit = 25 } = request.query
    const webhooks = await listWebhooks(db, request.actor, { limit, after: after(request, IdKey) })
    return send(reply, ok(page(request, webhooks, ({ id }) => id)))
  })

  app.get(WEBHOOK, { schema: schemas.getWebhook }, async (request, reply) =>
    send(reply, ok(await getWebhook(db, request.actor, request.params.webhookId))),
  )

  app.patch(WEBHOOK, { schema: schemas.updateWebhook }, async (request, reply) => {
    const input = { ...request.params, change: request.body, ifMatch: ifMatch(request.headers) }
    return send(reply, ok(await updateWebhook(db, settings, request.actor, input)))
  })

  app.delete(WEBHOOK, { schema: schemas.deleteWebhook }, async (request, reply) => {
    await deleteWebhook(db, request.actor, { ...request.params, ifMatch: ifMatch(request.headers) })
    return send(reply, DONE)
  })

  app.post(`${WEBHOOK}/rotate-secret`, { schema: schemas.rotateSecret }, async (request, reply) => {
    const { actor } = request
    const input = { ...request.params, ifMatch: ifMatch(request.headers) }
    const rotate = async (tx: typeof db) => ok(await rotateSecret(tx, settings, actor, input))
    return send(reply, await once(db, request, rotate, stillProvisions(actor)))
  })

  app.post(`${WEBHOOK}/test`, { schema: schemas.sendTestEvent }, async (request, reply) => {
    const { actor, params } = request
    const test = async (tx: typeof db) => created(await sendTestEvent(tx, actor, params.webhookId))
    return send(reply, await once(db, request, test, stillProvisions(actor)))
  })

  app.get(`${WEBHOOK}/deliveries`, { schema: schemas.listDeliveries }, async (request, reply) => {
    const { limit = 25, status } = request.query
    const filter = { status, limit, after: after(request, IdKey) }
    const deliveries = await listDeliveries(db, request.actor, request.params.webhookId, filter)
    return send(reply, ok(page(request, deliveries, ({ id }) => id)))
  })

  app.post(
    `${WEBHOOK}/deliveries/:deliveryId/redeliver`,
    { schema: schemas.redeliver },
    async (request, reply) => {
      const { actor, params } = request
      const again = async (tx: typeof db) => created(await redeliver(tx, actor, params))
      return send(reply, await once(db, request, again, stillProvisions(actor)))
    },
  )
}
