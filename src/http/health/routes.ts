import { isMigrated } from '../../db/migrate.ts'
import { DomainError } from '../../domain/errors.ts'
import type { Routes } from '../route.ts'
import * as schemas from './operations.ts'

export const operationsRoutes: Routes = (app, { db, config }) => {
  // Asked every few seconds for ever: two lines each time would be most of the log.
  const logLevel = config.logLevel === 'info' ? 'warn' : config.logLevel
  let stopping = false
  app.addHook('preClose', async () => {
    stopping = true
  })

  app.get('/livez', { schema: schemas.livez, logLevel }, async () => ({ status: 'ok' }))

  app.get('/readyz', { schema: schemas.readyz, logLevel }, async () => {
    if (stopping) throw new DomainError('unavailable', 'The service is stopping.')
    if (!(await isMigrated(db.sql)))
      throw new DomainError('unavailable', 'The database waits for its migrations.')
    return { status: 'ok' }
  })
}
