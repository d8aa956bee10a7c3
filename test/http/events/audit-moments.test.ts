import t from 'tap'
import { startMuster, withOrg } from '../../support/muster.ts'

const muster = await startMuster(t)
const { alice, org, path } = await withOrg(muster)
// Three events at the turn of a day, one of them in the last millisecond before it.
for (let n = 0; n < 3; n++) await alice.patch(path, { metadata: { n } })
await muster.db.pool.query(
  `update events set occurred_at = timestamptz '2026-01-31T00:00:00Z' + (sequence - 4) * interval '1 millisecond'
   where org_id = $1 and sequence in (3, 4, 5)`,
  [org.id],
)
await muster.db.pool.query(
  `update events set occurred_at = '2026-01-01T00:00:00Z' where org_id = $1 and sequence < 3`,
  [org.id],
)

/** The numbers from a moment on, and before it. */
async function sidesOf(moment: string) {
  const read = async (query: string) => {
    const { status, body } = await alice.get(`${path}/events?${query}`)
    const data: { sequence: number }[] = body.data ?? []
    return { status, code: body.code, sequences: data.map(({ sequence }) => sequence) }
  }
  const [from, to] = await Promise.all([read(`from=${moment}`), read(`to=${moment}`)])
  return { from, to }
}

const MIDNIGHT = [
  '2026-01-31T00:00:00Z',
  '2026-01-31t00:00:00z',
  '2026-01-31T00:00:00.000Z',
  '2026-01-31T00:00:00.000000000Z',
  '2026-01-31T00:00:00%2B00:00',
  '2026-01-31T00:00:00-00:00',
  '2026-01-31T01:30:00%2B01:30',
  '2026-01-30T19:00:00-05:00',
  '2026-01-31t05:45:00%2b05:45',
  '2026-01-30T00:01:00-23:59',
  '2026-01-31T23:59:00%2B23:59',
]

t.test('one moment in many spellings is one moment: included from there, not until there', async (t) => {
  for (const moment of MIDNIGHT) {
    const { from, to } = await sidesOf(moment)
    t.same(from.sequences, [5, 4], `from ${moment}`)
    t.same(to.sequences, [3, 2, 1], `to ${moment}`)
  }
})

t.test('a fraction of a millisecond is not lost', async (t) => {
  for (const moment of ['2026-01-31T00:00:00.0001Z', '2026-01-31T00:00:00.000999999Z']) {
    const { from, to } = await sidesOf(moment)
    t.same(from.sequences, [5], `from ${moment}`)
    t.same(to.sequences, [4, 3, 2, 1], `to ${moment}`)
  }
})

t.test('the ends of what may be asked for', async (t) => {
  for (const moment of ['2000-01-01T00:00:00Z', '2025-12-31T23:59:59.999Z', '2000-01-01T00:00:00%2B23:59'])
    t.same((await sidesOf(moment)).from.sequences, [5, 4, 3, 2, 1], moment)
  for (const moment of ['2999-12-31T23:59:59Z', '2999-12-31T23:59:59.999999-23:59', '2028-02-29T00:00:00Z'])
    t.same((await sidesOf(moment)).to.sequences, [5, 4, 3, 2, 1], moment)
})

t.test('what is no moment is refused, whichever side it is for', async (t) => {
  for (const moment of [
    '',
    'now',
    'today',
    'infinity',
    '-infinity',
    'epoch',
    '0',
    '1769817600',
    '1769817600000',
    '2026',
    '2026-01',
    '2026-01-31',
    '2026-W05-6',
    '2026-01-31T00:00',
    '2026-01-31T00:00:00',
    '2026-01-31T00:00Z',
    '20260131T000000Z',
    '2026-01-31%2000:00:00Z',
    '%202026-01-31T00:00:00Z',
    '2026-01-31T00:00:00Z%20',
    '2026-01-31T00:00:00Z%0A',
    '2026-01-31T00:00:00+01:00',
    '2026-01-31T00:00:00%2B24:00',
    '2026-01-31T00:00:00%2B01:60',
    '2026-01-31T00:00:00.Z',
    '2026-01-31T00:00:00,5Z',
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T25:00:00Z',
    '2026-01-31T00:60:00Z',
    '2016-12-31T23:59:60Z',
    '2026-06-30T23:59:60Z',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '1999-12-31T23:59:59Z',
    '9999-12-31T23:59:59Z',
    '10000-01-01T00:00:00Z',
    '%2B002026-01-31T00:00:00Z',
    '-002026-01-31T00:00:00Z',
    '２０２６-01-31T00:00:00Z',
    '2026-01-31T00:00:00Z; drop table events',
  ])
    for (const side of ['from', 'to'])
      t.match(
        await alice.get(`${path}/events?${side}=${moment}`),
        { status: 400, body: { code: 'invalid_request', errors: [{ parameter: side }] } },
        `${side}=${moment.slice(0, 60)}`,
      )
  for (const query of ['from=2026-01-31T00:00:00%00Z', `from=${MIDNIGHT[0]}&from=${MIDNIGHT[0]}`])
    t.match(await alice.get(`${path}/events?${query}`), { status: 400, body: { code: 'invalid_request' } })
})

t.test('where not every reader agrees, it is right or refused, and nothing breaks', async (t) => {
  for (const moment of [
    '2026-01-31T00:00:00%2B0000',
    '2026-01-31T00:00:00%2B00',
    '2026-01-31T01:00:00%2B01',
    '2026-01-31t01:00:00%2B01',
    '2026-01-30T19:00:00-05',
    '2026-01-30T19:00:00-0500',
  ]) {
    const { from, to } = await sidesOf(moment)
    if (from.status !== 200 || to.status !== 200)
      t.same([from.status, from.code, to.status], [400, 'invalid_request', 400], moment)
    else
      t.same(
        [from.sequences, to.sequences],
        [
          [5, 4],
          [3, 2, 1],
        ],
        moment,
      )
  }
})
