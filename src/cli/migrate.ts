import { startEmbedded } from '../db/embedded.ts'
import { migrate } from '../db/migrate.ts'

// Needs DATABASE_URL alone, so that a one-shot container can run it without the service's secrets.
const url = process.env.DATABASE_URL
if (url) await migrate(url)
else await migrateEmbedded()
console.log('The database is up to date.')

async function migrateEmbedded(): Promise<void> {
  const embedded = await startEmbedded(process.env.MUSTER_DATA_DIR || '.muster', console.log)
  try {
    await migrate(embedded.url)
  } finally {
    await embedded.stop()
  }
}
