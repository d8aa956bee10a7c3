import { isMigrated } from '../../db/migrate.ts'
import { DomainError } from '../../domain/errors.ts'
import { ok } from '../answer.ts'
import type { Routes } from '../api.ts'
import * as operations from './operations.ts'

const UP = ok({ status: 'ok' })

export const healthRoutes: Routes = (api, config, app) => {
  // Probes call this every few seconds: two lines for each call would be most of the log.
  const logLevel = config.logLevel === 'info' ? 'warn' : config.logLevel
  let stopping = false
  app.addHook('preClose', async () => {
    stopping = true
  })

  api.get('/livez', operations.livez, async () => UP, { logLevel })

  api.get(
    '/readyz',
    operations.readyz,
    async (db) => {
      if (stopping) throw new DomainError('unavailable', 'The service is stopping.')
      if (!(await isMigrated(db.sql)))
        throw new DomainError('unavailable', 'The database waits for its migrations.')
      return UP
    },
    { logLevel },
  )
}
