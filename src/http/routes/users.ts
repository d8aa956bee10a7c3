import { eraseUser } from '../../domain/users/erase.ts'
import { exportUser } from '../../domain/users/export.ts'
import { putUser } from '../../domain/users/put.ts'
import { getUser } from '../../domain/users/read.ts'
import { created, ok, send } from '../answer.ts'
import type { Routes } from '../deps.ts'
import * as schemas from '../schemas/users.ts'

export const userRoutes: Routes = (app, { db, config }) => {
  app.put('/users/:userId', { schema: schemas.putUser }, async (request, reply) => {
    const input = { ...request.params, ...request.body }
    const { account, first } = await putUser(db, request.actor, input, config.personalOrg)
    return send(reply, first ? created(account, `/users/${encodeURIComponent(input.userId)}`) : ok(account))
  })

  app.get('/users/:userId', { schema: schemas.getUser }, async (request, reply) =>
    send(reply, ok(await getUser(db, request.actor, request.params))),
  )

  app.get('/users/:userId/export', { schema: schemas.exportUser }, async (request, reply) =>
    send(reply, ok(await exportUser(db, request.actor, request.params))),
  )

  app.delete('/users/:userId', { schema: schemas.eraseUser }, async (request, reply) =>
    send(reply, ok(await eraseUser(db, request.actor, request.params))),
  )
}
