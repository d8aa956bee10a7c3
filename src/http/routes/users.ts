import { eraseUser } from '../../domain/users/erase.ts'
import { ok, send } from '../answer.ts'
import type { Routes } from '../deps.ts'
import * as schemas from '../schemas/users.ts'

export const userRoutes: Routes = (app, { db }) => {
  app.delete('/users/:userId', { schema: schemas.eraseUser }, async (request, reply) =>
    send(reply, ok(await eraseUser(db, request.actor, request.params.userId))),
  )
}
