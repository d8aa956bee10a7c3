import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import { buildApp } from '../../../src/app.ts'
import { loadConfig } from '../../../src/config.ts'
import { openDatabase } from '../../../src/db/client.ts'
import { migrate } from '../../../src/db/migrate.ts'
import { until } from '../../jobs/scene.ts'
import { startMuster } from '../../support/muster.ts'
import { cloneDatabase } from '../../support/postgres.ts'
import { stopwatch } from '../../support/stopwatch.ts'

t.test('a running service is alive and ready, and says so to anybody', async (t) => {
  const { stranger } = await startMuster(t)
  for (const path of ['/livez', '/readyz'])
    t.match(await stranger.get(path), { status: 200, body: { status: 'ok' } })
})

t.test('a service is not ready before its database is migrated, and is as soon as it is', async (t) => {
  const database = await emptyDatabase(t)
  const { get } = await start(t, database)
  t.match(await get('/readyz'), { status: 503, body: { code: 'unavailable', status: 503 } })
  t.equal((await get('/livez')).status, 200)

  await migrate(database)
  t.match(await get('/readyz'), { status: 200, body: { status: 'ok' } })
})

t.test('a service is not ready while one migration of its version is missing', async (t) => {
  const { db, stranger } = await startMuster(t)
  await db.pool.query('create table kept as select * from drizzle.__drizzle_migrations')
  await db.pool.query('delete from drizzle.__drizzle_migrations')
  t.match(await stranger.get('/readyz'), { status: 503, body: { code: 'unavailable' } })
  await db.pool.query('insert into drizzle.__drizzle_migrations select * from kept')
  t.equal((await stranger.get('/readyz')).status, 200)
})

t.test('a service is not ready without the tables of the job queue', async (t) => {
  const { db, stranger } = await startMuster(t)
  await db.pool.query('drop schema graphile_worker cascade')
  t.match(await stranger.get('/readyz'), { status: 503, body: { code: 'unavailable' } })
})

t.test(
  'while the database is away the service lives, is not ready, and is ready again by itself',
  async (t) => {
    const wire = await wireTo(t, await cloneDatabase(t))
    const { get } = await start(t, wire.url)
    t.equal((await get('/readyz')).status, 200)

    wire.cut()
    for (let n = 0; n < 3; n++) {
      const { status, type, body, headers, took } = await get('/readyz')
      t.equal(status, 503)
      t.equal(type, 'application/problem+json')
      t.equal(body.code, 'unavailable')
      t.match(headers.get('retry-after'), /^[1-9]\d*$/)
      t.notMatch(JSON.stringify(body), /select|pg|ECONN|127\.0\.0\.1/)
      t.ok(took < 2500, `answered after ${took} ms`)
    }
    t.equal((await get('/livez')).status, 200)

    wire.mend()
    t.equal((await get('/readyz')).status, 200)
  },
)

t.test('a database that takes connections and says nothing makes nobody wait', async (t) => {
  const wire = await wireTo(t, await cloneDatabase(t))
  wire.silence()
  const { get } = await start(t, wire.url)
  const { status, body, took } = await get('/readyz')
  t.equal(status, 503)
  t.equal(body.code, 'unavailable')
  t.ok(took < 2500, `answered after ${took} ms`)
  t.equal((await get('/livez')).status, 200)
})

t.test('whoever asks while the service stops gets a problem document', async (t) => {
  const wire = await wireTo(t, await cloneDatabase(t))
  wire.silence()
  const { url, close } = await start(t, wire.url)
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const ask = (path: string) => socket.write(`GET ${path} HTTP/1.1\r\nhost: muster\r\n\r\n`)
  ask('/readyz')
  await until('it asks the database', () => wire.isAsked())
  const closed = close()
  await sleep(50)
  ask('/readyz')
  const replies = await text(socket)
  await closed
  const count = (pattern: RegExp) => replies.match(pattern)?.length
  t.equal(count(/HTTP\/1\.1 503 /g), 2)
  t.equal(count(/content-type: application\/problem\+json/gi), 2)
  t.equal(count(/"code":"unavailable"/g), 2)
})

t.test('the document is served to anybody, as JSON', async (t) => {
  const { url } = await startMuster(t)
  const response = await fetch(`${url}/openapi.json`)
  t.equal(response.status, 200)
  t.match(response.headers.get('content-type'), /^application\/json/)
  t.match(await response.json(), { openapi: /^3\.1\./, paths: { '/livez': {}, '/readyz': {} } })
})

/** Muster over any database, without jobs. */
async function start(t: Test, databaseUrl: string) {
  const config = loadConfig({
    DATABASE_URL: databaseUrl,
    JWT_SECRET: randomBytes(32).toString('hex'),
    LOG_LEVEL: 'silent',
  })
  const db = openDatabase(databaseUrl, 2)
  const app = await buildApp({ db, config })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => {
    await app.close()
    await db.close()
  })
  const get = async (path: string) => {
    const clock = stopwatch()
    const response = await fetch(url + path)
    const { status, headers } = response
    const type = headers.get('content-type')
    return {
      status,
      headers,
      type,
      body: JSON.parse(await response.text()),
      took: clock(),
    }
  }
  return { url, get, close: () => app.close() }
}

async function emptyDatabase(t: Test): Promise<string> {
  const server = process.env.TEST_DATABASE_URL ?? ''
  const name = `muster_test_${randomBytes(8).toString('hex')}`
  const execute = async (statement: string) => {
    const client = new Client({ connectionString: server })
    await client.connect()
    await client.query(statement).finally(() => client.end())
  }
  await execute(`create database ${name}`)
  t.teardown(() => execute(`drop database if exists ${name} with (force)`))
  return Object.assign(new URL(server), { pathname: `/${name}` }).href
}

/** The way to a database, which can be cut (nobody answers) or silent (nobody says a word) for a while. */
async function wireTo(t: Test, database: string) {
  const { hostname, port } = new URL(database)
  const sockets = new Set<Socket>()
  let state: 'whole' | 'cut' | 'silent' = 'whole'
  const server = createServer((client) => {
    const track = (socket: Socket) => sockets.add(socket.on('error', () => socket.destroy()))
    track(client)
    if (state === 'cut') return client.resetAndDestroy()
    if (state === 'silent') return
    const upstream = connect(Number(port), hostname)
    track(upstream)
    client.pipe(upstream).pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const breakAll = () => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  t.teardown(() => {
    server.close()
    breakAll()
  })
  const { port: local } = server.address() as AddressInfo
  return {
    url: Object.assign(new URL(database), { hostname: '127.0.0.1', port: String(local) }).href,
    cut: () => {
      state = 'cut'
      breakAll()
    },
    silence: () => {
      state = 'silent'
    },
    isAsked: () => sockets.size > 0,
    mend: () => {
      state = 'whole'
    },
  }
}
