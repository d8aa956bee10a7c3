import type { Database } from '../../src/db/client.ts'

// The refusal of a wrong code counts it, so this table changes.
const COUNTERS = ['wrong_codes']

/** Every row of Muster's tables and of the job queue, so that two dumps are the same when nothing has changed. */
export async function dump({ pool }: Database): Promise<Record<string, string>> {
  const tables = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where (schemaname = 'public' and not tablename = any($1))
         or (schemaname, tablename) = ('graphile_worker', '_private_jobs')`,
    [COUNTERS],
  )
  const rows: Record<string, string> = {}
  for (const { name } of tables.rows) {
    const { rows: found } = await pool.query<{ text: string }>(
      `select coalesce(string_agg(t::text, chr(10) order by t::text), '') as text from ${name} as t`,
    )
    rows[name] = found[0]?.text ?? ''
  }
  return rows
}
