import { eraseUser } from '../../domain/users/erase.ts'
import { exportUser } from '../../domain/users/export.ts'
import { putUser } from '../../domain/users/put.ts'
import { getUser } from '../../domain/users/read.ts'
import { created, ok } from '../answer.ts'
import type { Routes } from '../api.ts'
import { inputOf } from '../input.ts'
import * as operations from './operations.ts'

const USER = '/users/:userId'

export const userRoutes: Routes = (api, { personalOrg }) => {
  api.put(USER, operations.putUser, async (db, request) => {
    const { account, first } = await putUser(db, request.actor, inputOf(request), personalOrg)
    return first ? created(account, `/users/${encodeURIComponent(request.params.userId)}`) : ok(account)
  })

  api.get(USER, operations.getUser, async (db, { actor, params }) => ok(await getUser(db, actor, params)))

  api.get(`${USER}/export`, operations.exportUser, async (db, { actor, params }) =>
    ok(await exportUser(db, actor, params)),
  )

  api.delete(USER, operations.eraseUser, async (db, { actor, params }) =>
    ok(await eraseUser(db, actor, params)),
  )
}
