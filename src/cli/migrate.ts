import { startEmbedded } from '../db/embedded.ts'
import { migrate } from '../db/migrate.ts'

// Needs DATABASE_URL alone, so that a one-shot container can run it without the service's secrets.
const url = process.env.DATABASE_URL
try {
  if (url) await migrate(url)
  else await migrateEmbedded()
  console.log('The database is up to date.')
} catch (error) {
  console.error(`The database was not migrated: ${reasonOf(error)}`)
  process.exitCode = 1
}

async function migrateEmbedded(): Promise<void> {
  const embedded = await startEmbedded(process.env.MUSTER_DATA_DIR || '.muster', console.log)
  try {
    await migrate(embedded.url)
  } finally {
    await embedded.stop()
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
