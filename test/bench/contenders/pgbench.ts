import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { FIRST_TO_ACCEPT, type OperationName } from '../operations.ts'
import { idIn, LEAVES, type Size } from '../world.ts'
import type { Contender } from './contender.ts'
import { STATEMENTS } from './floor-tables.ts'

/** Runs the floor's statements by PostgreSQL's own load generator: the most there is to be had before any Node. */
export interface Pgbench {
  /** Transactions a second; NaN when none ended within the time. */
  run(operation: OperationName, connections: number, seconds: number): Promise<number>
}

/** Returns undefined where there is none: PostgreSQL's own packages have it, the embedded one does not. */
export function findPgbench(
  floor: Contender,
  databaseUrl: string,
  size: Size,
  folder: string,
): Pgbench | undefined {
  const places = (process.env.PATH ?? '').split(delimiter).map((place) => join(place, 'pgbench'))
  const program = places.find((place) => existsSync(place))
  if (!program) return undefined
  const scripts = scriptsOn(size)
  let runs = 0
  return {
    run: async (operation, connections, seconds) => {
      const file = join(folder, `${operation}.sql`)
      writeFileSync(file, `${scripts[operation]};\n`)
      runs += 1
      // Starts far beyond the numbers of the floor's own calls. Each connection has a range of its own.
      const share = Math.ceil(seconds * 300)
      const base = 500_000_000 + runs * 1_000_000
      await floor.stock(operation, base, share * connections)
      const numbers = { share, base: base + FIRST_TO_ACCEPT, n: -1, run: runs }
      const { stdout } = await promisify(execFile)(program, [
        ...['-n', '-M', 'prepared', '-c', String(connections), '-T', String(Math.ceil(seconds)), '-f', file],
        ...Object.entries(numbers).flatMap(([name, value]) => ['-D', `${name}=${value}`]),
        databaseUrl,
      ])
      return Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1])
    },
  }
}

function scriptsOn({ orgs, trees, large }: Size): Record<OperationName, string> {
  const any = (name: string, count: number) => `\\set ${name} random(0, ${count - 1})\n`
  const next = '\\set n :n + 1\n'
  const person = "'p' || :n"
  const before = `\\set asker (:org + ${orgs - 1}) % ${orgs}\n`
  const leaf = (number: string) => idIn(2, `:org * 1000 + 3 + ${number}`)
  const numbered = '\\set number :base + :client_id * :share + :n % :share\n'
  const hash = (number: string) => `sha256(lpad((${number})::text, 24, '0')::bytea)`
  const inviting = "(:run::text || '-' || :client_id::text || '-' || :n::text)"
  return {
    hello: 'select 1',
    me: any('n', orgs) + STATEMENTS.me(person),
    check:
      any('org', trees) +
      before +
      any('leaf', LEAVES) +
      STATEMENTS.check("'p' || :asker", idIn(1, ':org'), leaf(':leaf')),
    checks:
      any('org', trees) +
      before +
      STATEMENTS.checks(
        "'p' || :asker",
        `array_fill(${idIn(1, ':org')}, array[${LEAVES}])`,
        `array(select ${leaf('leaf')} from generate_series(0, ${LEAVES - 1}) as leaf)`,
      ),
    members: any('n', large) + STATEMENTS.members("'m' || :n", idIn(1, String(orgs)), '51'),
    orgs: any('n', orgs) + STATEMENTS.orgs(person),
    preview: any('n', 2_000) + STATEMENTS.preview(hash(':n')),
    invite:
      next +
      any('org', orgs) +
      STATEMENTS.invite(
        "'p' || :org",
        idIn(1, ':org'),
        `${inviting} || '@example.com'`,
        "'member'",
        `sha256((${inviting})::bytea)`,
      ),
    accept:
      next +
      numbered +
      STATEMENTS.accept("'g' || :number", "'g' || :number || '@example.com'", "'Somebody'", hash(':number')),
  }
}
