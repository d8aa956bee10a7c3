import fc from 'fast-check'
import t from 'tap'
import { hasMoreValues } from '../../../src/http/server/json-values.ts'

t.test('the values of a JSON text are counted before it is read, and none is missed', async (t) => {
  const isRight = fc.property(fc.jsonValue(), fc.nat(2), (value, space) => {
    const bytes = Buffer.from(JSON.stringify(value, null, space))
    const { values, empty } = count(value)
    return hasMoreValues(bytes, values - 1) && !hasMoreValues(bytes, values + empty)
  })
  const { counterexample } = fc.check(isRight)
  t.equal(counterexample, null)
})

t.test('what a text says does not count, however it is quoted', async (t) => {
  const bytes = Buffer.from(JSON.stringify({ a: ',[{"\\",[{', '\\",': '\\' }))
  t.ok(hasMoreValues(bytes, 2))
  t.notOk(hasMoreValues(bytes, 3))
})

t.test('a text that does not end is counted to its end', async (t) => {
  for (const text of ['[1,2,"', '[1,2,"\\', '[1,2,']) t.ok(hasMoreValues(Buffer.from(text), 2), text)
})

/** Of what is empty, one may be counted for what is not in it. */
function count(value: unknown): { values: number; empty: number } {
  if (typeof value !== 'object' || value === null) return { values: 1, empty: 0 }
  const inside = Object.values(value).map(count)
  return inside.reduce(
    (sum, { values, empty }) => ({ values: sum.values + values, empty: sum.empty + empty }),
    { values: 1, empty: inside.length === 0 ? 1 : 0 },
  )
}
