import { getSystemErrorMessage } from 'node:util'
import { buildApp } from './app.ts'
import { type Config, loadConfig } from './config.ts'
import { type Db, openDatabase } from './db/client.ts'
import { startEmbedded } from './db/embedded.ts'
import { isMigrated, migrate } from './db/migrate.ts'
import type { App } from './http/api.ts'
import { hangUpOnClose } from './http/server/hang-up.ts'

process.exit(await run(firstSignal()))

/**
 * Runs Muster until the signal. Then lets running requests and jobs end before it closes what they use. Returns the
 * exit code.
 */
async function run(signal: Promise<NodeJS.Signals>): Promise<number> {
  await using open = new AsyncDisposableStack()
  try {
    const { log } = await start(open)
    log.info(`${await signal}: finishing what runs`)
    return 0
  } catch (error) {
    // Prints only the message: a stack trace would hide it.
    console.error(error instanceof Error ? error.message : error)
    return 1
  }
}

/** Keeps listening after the first signal: a second one must not end what the first one lets finish. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, resolve)
  })
}

/** Starts even while the database is away. `open` closes what is opened here, in reverse order. */
async function start(open: AsyncDisposableStack): Promise<App> {
  const config = loadConfig(process.env)
  const databaseUrl = config.databaseUrl ?? (await openEmbedded(open, config))
  const db = openDatabase(databaseUrl, config.poolSize)
  open.defer(() => db.close())

  const jobs = open.use(new AsyncDisposableStack())
  const app = await buildApp({ db, config })
  hangUpOnClose(app)
  open.defer(() => app.close())
  const url = await listen(app, config)
  await startJobs(jobs, databaseUrl, config, app.log)
  if (!config.production) console.log(banner(url, config))
  await warnUnlessReady(db, app)
  return app
}

async function openEmbedded(open: AsyncDisposableStack, { dataDir }: Config): Promise<string> {
  const embedded = await startEmbedded(dataDir, console.log)
  open.defer(() => embedded.stop())
  await migrate(embedded.url)
  return embedded.url
}

/** Loads the jobs once Muster listens, and ends them after the requests. */
async function startJobs(jobs: AsyncDisposableStack, databaseUrl: string, config: Config, log: App['log']) {
  const [{ openMailer }, { openEgress }, { startWorker }] = await Promise.all([
    import('./jobs/mail/mailer.ts'),
    import('./jobs/webhooks/egress.ts'),
    import('./jobs/worker.ts'),
  ])
  const { appUrl, dataDir, mail, webhooks, eventsKeptDays } = config
  const mailer = openMailer({ ...mail, dataDir }, log)
  jobs.defer(() => mailer.close())
  const egress = openEgress(webhooks)
  jobs.defer(() => egress.close())
  const worker = await startWorker({
    databaseUrl,
    mailer,
    appUrl,
    egress,
    log,
    from: mail.from,
    keys: webhooks.keys,
    eventsKeptDays,
  })
  jobs.defer(() => worker.stop())
}

async function listen(app: App, { host, port }: Config): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (error) {
    const { errno = 0 } = error as NodeJS.ErrnoException
    throw new Error(
      `Cannot listen on ${host}, port ${port}: ${getSystemErrorMessage(errno)}. Set PORT or HOST.`,
    )
  }
}

/** Warns of what an operator would otherwise learn only from /readyz. Muster serves as soon as it can. */
async function warnUnlessReady(db: Db, { log }: App): Promise<void> {
  const migrated = await isMigrated(db.sql).catch(() => undefined)
  if (migrated === undefined)
    log.warn('The database does not answer: check DATABASE_URL. Muster keeps trying.')
  else if (!migrated) log.warn('The database waits for its migrations: run npm run migrate.')
}

function banner(url: string, { databaseUrl, dataDir, jwt, mail }: Config): string {
  const token =
    jwt.kind === 'secret'
      ? 'npm run token -- alice@example.com --name "Alice"'
      : 'from your identity provider'
  return `
  Muster is running at ${url}

    Swagger UI   ${url}/docs
    A token      ${token}
    Mail goes to ${mail.smtpUrl === null ? `${dataDir}/mail, a file for each` : 'your SMTP server'}
    Database     ${databaseUrl === null ? `embedded PostgreSQL in ${dataDir}` : 'DATABASE_URL'}
    The tour     npm run demo
`
}
