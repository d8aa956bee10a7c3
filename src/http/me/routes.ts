import { getMe, signIn } from '../../domain/users/sign-in.ts'
import { created, ok, send } from '../answer.ts'
import type { Routes } from '../route.ts'
import * as schemas from './operations.ts'

export const meRoutes: Routes = (app, { db, config }) => {
  app.put('/me', { schema: schemas.signIn }, async (request, reply) => {
    const { overview, first } = await signIn(db, request.actor, config.personalOrg)
    return send(reply, first ? created(overview, '/me') : ok(overview))
  })

  app.get('/me', { schema: schemas.getMe }, async (request, reply) =>
    send(reply, ok(await getMe(db, request.actor))),
  )
}
