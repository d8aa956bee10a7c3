import { migrate } from '../db/migrate.ts'
import { withDatabase } from './with-database.ts'

// Needs DATABASE_URL alone, so that a one-shot container can run it without the service's secrets.
try {
  await withDatabase(migrate)
  console.log('The database is up to date.')
} catch (error) {
  console.error(`The database was not migrated: ${reasonOf(error)}`)
  process.exitCode = 1
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
