import { eraseUser } from '../../domain/users/erase.ts'
import { putUser } from '../../domain/users/put.ts'
import { exportUser, getUser } from '../../domain/users/read.ts'
import { created, ok, send } from '../answer.ts'
import type { Routes } from '../route.ts'
import * as schemas from './operations.ts'

export const userRoutes: Routes = (app, { db, config }) => {
  app.put('/users/:userId', { schema: schemas.putUser }, async (request, reply) => {
    const input = { ...request.params, ...request.body }
    const { account, first } = await putUser(db, request.actor, input, config.personalOrg)
    return send(reply, first ? created(account, `/users/${encodeURIComponent(input.userId)}`) : ok(account))
  })

  app.get('/users/:userId', { schema: schemas.getUser }, async (request, reply) =>
    send(reply, ok(await getUser(db, request.actor, request.params.userId))),
  )

  app.get('/users/:userId/export', { schema: schemas.exportUser }, async (request, reply) =>
    send(reply, ok(await exportUser(db, request.actor, request.params.userId))),
  )

  app.delete('/users/:userId', { schema: schemas.eraseUser }, async (request, reply) =>
    send(reply, ok(await eraseUser(db, request.actor, request.params.userId))),
  )
}
