import t from 'tap'
import { pauseAfter } from '../../../src/jobs/webhooks/schedule.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
// Those of the specification of Standard Webhooks.
const PLANNED = [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]
const often = <T>(make: () => T): T[] => Array.from({ length: 2000 }, make)

t.test('the pauses grow as planned, by up to a fifth more, and after the last one there is none', (t) => {
  for (const [index, planned] of PLANNED.entries()) {
    const pauses = often(() => pauseAfter(index + 1, null) ?? Number.NaN)
    t.ok(Math.min(...pauses) >= planned, `not before ${planned} s`)
    t.ok(Math.max(...pauses) <= planned * 1.2, `not later than ${planned * 1.2} s`)
    t.ok(Math.max(...pauses) - Math.min(...pauses) > planned * 0.15, 'spread over the fifth')
  }
  t.equal(pauseAfter(PLANNED.length + 1, null), undefined)
  t.equal(pauseAfter(PLANNED.length + 1, 60), undefined, 'whatever the endpoint wishes')
  t.end()
})

t.test('the nine pauses take about three days', (t) => {
  const sums = often(() =>
    PLANNED.reduce((sum, _, index) => sum + (pauseAfter(index + 1, null) ?? Number.NaN), 0),
  )
  t.ok(Math.min(...sums) >= 3 * DAY, `${Math.min(...sums) / HOUR} h`)
  t.ok(Math.max(...sums) < 4 * DAY, `${Math.max(...sums) / HOUR} h`)
  t.end()
})

t.test('whatever an endpoint wishes, the tries of one event end before the fifth day does', (t) => {
  const sums = often(() =>
    PLANNED.reduce((sum, _, index) => sum + (pauseAfter(index + 1, DAY) ?? Number.NaN), 0),
  )
  t.ok(Math.max(...sums) < 5 * DAY, `${Math.max(...sums) / HOUR} h`)
  t.end()
})

t.test('an endpoint is not asked before it wishes, six hours later at most, nor sooner than planned', (t) => {
  for (const wish of [60, HOUR, 6 * HOUR]) t.equal(pauseAfter(1, wish), wish)
  for (const wish of [6 * HOUR + 1, 1000 * DAY, Number.MAX_SAFE_INTEGER])
    t.equal(pauseAfter(1, wish), 6 * HOUR)
  for (const wish of [0, 1, 4.9]) {
    const pauses = often(() => pauseAfter(1, wish) ?? Number.NaN)
    t.ok(Math.min(...pauses) >= 5 && Math.max(...pauses) <= 6)
  }
  t.end()
})
