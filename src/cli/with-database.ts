import { startEmbedded } from '../db/embedded.ts'
import { migrate } from '../db/migrate.ts'

/**
 * Works on the database of `DATABASE_URL`, or else on the embedded one, which it migrates and runs meanwhile.
 *
 * @throws when Muster is running on the embedded one.
 */
export async function withDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const url = process.env.DATABASE_URL
  if (url) return work(url)
  // A program may read standard output, so the log goes to standard error.
  const embedded = await startEmbedded(process.env.MUSTER_DATA_DIR || '.muster', console.error)
  // `process.exit` runs what stops the server.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    if (process.listenerCount(signal) === 0) process.once(signal, () => process.exit(130))
  try {
    await migrate(embedded.url)
    return await work(embedded.url)
  } finally {
    await embedded.stop()
  }
}
