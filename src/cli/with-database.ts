import { startEmbedded } from '../db/embedded.ts'
import { migrate } from '../db/migrate.ts'

/**
 * Works on the database of `DATABASE_URL`; without it on the embedded one, migrated, for as long as that takes.
 * @throws when Muster runs on the embedded one at the moment.
 */
export async function withDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const url = process.env.DATABASE_URL
  if (url) return work(url)
  // Standard output may be what somebody waits for.
  const embedded = await startEmbedded(process.env.MUSTER_DATA_DIR || '.muster', console.error)
  // What runs at the exit ends the server.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    if (process.listenerCount(signal) === 0) process.once(signal, () => process.exit(130))
  try {
    await migrate(embedded.url)
    return await work(embedded.url)
  } finally {
    await embedded.stop()
  }
}
