import type { PoolClient } from 'pg'
import type { Test } from 'tap'
import { Muster } from '../../openapi/client.ts'
import { claims, now, token } from '../support/keys.ts'
import { startMuster } from '../support/muster.ts'
import { line, millisecondsOf, spread } from './contest.ts'

// Measures a backend's first day by the generated client alone: organisations with their members over HTTP, then a
// wanted set, an export and an erasure. Arguments: number of organisations, and members of each.

const [orgs = 1_000, members = 50] = process.argv.slice(2).map(Number)
const CALLERS = 8

const endings: (() => unknown)[] = []
let statements = 0
try {
  const muster = await startMuster({ teardown: (end: () => unknown) => void endings.unshift(end) } as Test)
  muster.db.pool.on('connect', countStatements)
  const { jwt } = muster.config
  const secret = jwt.kind === 'secret' ? jwt.secret : ''
  const service = { sub: 'backend', scope: 'muster:write', exp: now() + 3600 }
  const backend = new Muster({
    url: muster.url,
    token: token(secret, { alg: 'HS256', typ: 'JWT' }, claims(service)),
  })

  const times: Record<'create an organisation' | 'put a member', number[]> = {
    'create an organisation': [],
    'put a member': [],
  }
  const ids: string[] = []
  const provision = async (number: number) => {
    const adminUserId = `admin-${number}`
    times['create an organisation'].push(
      await millisecondsOf(async () => {
        const org = await backend.createOrg({
          name: `Org ${number}`,
          externalId: `tenant-${number}`,
          adminUserId,
        })
        ids[number] = org.id
      }),
    )
    for (let n = 1; n < members; n++)
      times['put a member'].push(
        await millisecondsOf(() =>
          backend.putMember(ids[number] ?? '', `user-${number}-${n}`, {
            ...{ role: n % 10 === 0 ? 'accounting' : 'member', name: `Person ${n}` },
            email: `user-${number}-${n}@example.com`,
          }),
        ),
      )
  }

  const begun = performance.now()
  let next = 0
  const caller = async () => {
    while (next < orgs) await provision(next++)
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  const seconds = (performance.now() - begun) / 1000
  const calls = orgs * members
  console.log(`${orgs} organisations with ${members} members each, ${CALLERS} callers:`)
  console.log(`${calls} calls in ${seconds.toFixed(1)} s, ${Math.round(calls / seconds)} a second\n`)
  console.log(line('', 'median ms', 'lowest', 'highest'))
  for (const [what, taken] of Object.entries(times)) console.log(line(what, ...spread(taken, 1)))

  const [first = ''] = ids
  const wanted = Array.from({ length: members }, (_, n) => ({
    userId: n === 0 ? 'admin-0' : `user-0-${n + 5}`,
    role: n === 0 ? ('admin' as const) : ('member' as const),
  }))
  const timed = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
    let answer: T | undefined
    const taken = await millisecondsOf(async () => {
      answer = await call()
    })
    console.log(line(what, taken.toFixed(1)))
    return answer as T
  }
  const { added, changed, removed, unchanged } = await timed('sync one of them', () =>
    backend.syncMembers(first, { members: wanted }),
  )
  console.log(
    `  ${added.length} added, ${changed.length} changed, ${removed.length} removed, ${unchanged} unchanged`,
  )
  await syncLargeSets(backend)

  const { memberships } = await timed('export a person', () => backend.exportUser('user-7-7'))
  const { pseudonym } = await timed('erase the person', () => backend.eraseUser('user-7-7'))
  console.log(`  ${memberships.length} membership, now ${pseudonym}`)
} finally {
  for (const end of endings) await end()
}

/** Syncs ten thousand members of one organisation: all new, all with another role, half of them gone. */
async function syncLargeSets(backend: Muster): Promise<void> {
  const { id } = await backend.createOrg({ name: 'Large', externalId: 'large', adminUserId: 'admin-large' })
  const crowd = (from: number, role: 'member' | 'accounting') => [
    { userId: 'admin-large', role: 'admin' as const },
    ...Array.from({ length: 9_999 }, (_, n) => ({ userId: `crowd-${from + n}`, role, name: `Person ${n}` })),
  ]
  const sets = {
    added: crowd(0, 'member'),
    changed: crowd(0, 'accounting'),
    removed: crowd(5_000, 'accounting'),
  }
  for (const [what, members] of Object.entries(sets) as [
    'added' | 'changed' | 'removed',
    typeof sets.added,
  ][]) {
    const before = statements
    const resident = process.memoryUsage.rss()
    let count = 0
    const taken = await millisecondsOf(async () => {
      count = (await backend.syncMembers(id, { members }))[what].length
    })
    const grown = Math.round((process.memoryUsage.rss() - resident) / 1024 / 1024)
    console.log(line(`a set of 10,000: ${count} ${what}`, taken.toFixed(0)))
    console.log(
      `  ${statements - before} statements, begin and commit included; ${grown} MiB more resident, client included`,
    )
  }
}

function countStatements(client: PoolClient): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown
  Object.assign(client, {
    query: (...args: unknown[]) => {
      statements += 1
      return query(...args)
    },
  })
}
