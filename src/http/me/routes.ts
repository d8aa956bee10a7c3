import { getMe } from '../../domain/users/read.ts'
import { signIn } from '../../domain/users/sign-in.ts'
import { created, ok } from '../answer.ts'
import type { Routes } from '../api.ts'
import * as operations from './operations.ts'

export const meRoutes: Routes = (api, { personalOrg }) => {
  api.put('/me', operations.signIn, async (db, { actor }) => {
    const { overview, first } = await signIn(db, actor, personalOrg)
    return first ? created(overview, '/me') : ok(overview)
  })

  api.get('/me', operations.getMe, async (db, { actor }) => ok(await getMe(db, actor)))
}
