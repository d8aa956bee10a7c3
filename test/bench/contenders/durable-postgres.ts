import { Client } from 'pg'
import { startThrowaway } from '../../support/throwaway.ts'
import { postmasterOf } from '../figures/process-figures.ts'

// Like the embedded one, with room for the connections of all contenders, and memory as for a large database.
const DURABLE = {
  initdb: [],
  settings: [
    ...['fsync=on', 'synchronous_commit=on', 'full_page_writes=on'],
    ...['max_connections=300', 'shared_buffers=1GB', 'max_wal_size=4GB'],
  ],
}

/** A durable PostgreSQL of the bench's own, removed when it is stopped. */
export interface DurablePostgres {
  readonly version: string
  /** Process id of the postmaster, whose children do the work; NaN where it cannot be had. */
  readonly pid: number
  /** Creates a database, and returns its URL. */
  create(name: string): Promise<string>
  stop(): Promise<void>
}

export async function startDurablePostgres(): Promise<DurablePostgres> {
  const { url, stop } = await startThrowaway(() => {}, DURABLE)
  const { folder, version } = await onDatabase(url, async (client) => {
    const asked = `select current_setting('data_directory') as folder, current_setting('server_version') as version`
    return (await client.query(asked)).rows[0]
  })
  return {
    version,
    pid: postmasterOf(folder),
    create: async (name) => {
      await onDatabase(url, (client) => client.query(`create database ${name}`))
      const created = new URL(url)
      created.pathname = `/${name}`
      return created.href
    },
    stop,
  }
}

export async function onDatabase<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Number that a statement answers, as `count`, about these texts. */
export function countOf(url: string, statement: string, texts: readonly string[]): Promise<number> {
  return onDatabase(url, async (client) => Number((await client.query(statement, [texts])).rows[0].count))
}
