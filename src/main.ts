import { buildApp } from './app.ts'
import { loadConfig } from './config.ts'
import { openDatabase } from './db/client.ts'
import { startEmbedded } from './db/embedded.ts'
import { migrate } from './db/migrate.ts'
import { openMailer } from './jobs/mailer.ts'
import { startWorker } from './jobs/worker.ts'

const config = orExit(() => loadConfig(process.env))

const embedded =
  config.databaseUrl === null ? await startEmbedded(config.dataDir, console.log).catch(exit) : undefined
const databaseUrl = embedded?.url ?? config.databaseUrl ?? ''
if (embedded) await migrate(databaseUrl)

const db = openDatabase(databaseUrl, config.poolSize)
const app = await buildApp({ db, config })
const mailer = openMailer({ ...config.mail, dataDir: config.dataDir }, app.log)
const worker = await startWorker({
  databaseUrl,
  db,
  mailer,
  appUrl: config.appUrl,
  from: config.mail.from,
  log: app.log,
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal))
const address = await app.listen({ host: config.host, port: config.port }).catch(exit)
if (!config.production) console.log(banner(address))

/** New requests are refused, running ones and jobs end; then what they work with is closed. */
async function stop(signal: string): Promise<void> {
  app.log.info(`${signal}: finishing what runs`)
  await app.close()
  await worker.stop()
  mailer.close()
  await db.close()
  await embedded?.stop()
  process.exit(0)
}

function banner(url: string): string {
  const mail = config.mail.smtpUrl === null ? `${config.dataDir}/mail, a file for each` : 'your SMTP server'
  const token =
    config.jwt.kind === 'secret'
      ? 'npm run token -- alice@example.com --name "Alice"'
      : 'from your identity provider'
  const database = embedded ? `embedded PostgreSQL in ${config.dataDir}` : 'DATABASE_URL'
  return `
  Muster is running at ${url}

    Swagger UI   ${url}/docs
    A token      ${token}
    Mail goes to ${mail}
    Database     ${database}
    The tour     npm run demo
`
}

function orExit<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    return exit(error)
  }
}

/** Says why in plain words; a stack would hide them. */
function exit(error: unknown): never {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
