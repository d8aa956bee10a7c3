import { PassThrough } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { openProgress } from '../../src/cli/import/progress.ts'

const SIZE = 100_000_000
const half = { lines: 505_000, added: 500_000, there: 5_000, refused: 0, bytes: SIZE / 2 }
const whole = { lines: 1_010_000, added: 1_000_000, there: 10_000, refused: 3, bytes: SIZE }

/** What is written to a terminal of that width, or to something else. */
async function written(columns: number | undefined, size: number | undefined): Promise<string> {
  const out = Object.assign(new PassThrough().setEncoding('utf8'), { isTTY: columns !== undefined, columns })
  const progress = openProgress(size, out as never)
  progress.tell({ ...half, lines: 1 })
  await pause(220)
  progress.tell(half)
  progress.tell({ ...half, lines: 2 })
  progress.end(whole)
  return out.read()
}

t.test('on a terminal it is one line, written over: a bar, how much, how fast, how long still', async (t) => {
  const [first, line = '', end = ''] = (await written(200, SIZE)).split('\r\x1b[K')
  t.equal(first, '', 'not more often than five times a second')
  t.match(
    line,
    /^█{10}░{10} {2}50 % · 505,000 lines · [\d,]+ a second · \d+ s left · 500,000 added, 5,000 there/,
  )
  t.notMatch(line, '\n')
  t.match(
    end,
    /^█{20} 100 % · 1,010,000 lines · [\d,]+ a second · 1,000,000 added, 10,000 there, 3 refused\n$/,
  )
})

t.test('on a narrow one it is no wider than that', async (t) => {
  const [, line = '', end = ''] = (await written(60, SIZE)).split('\r\x1b[K')
  t.equal(line.length, 59)
  t.match(end, /3 refused\n$/, 'the end is told whole')
})

t.test('of what has no size there is neither a bar nor a time', async (t) => {
  const [, line = ''] = (await written(200, undefined)).split('\r\x1b[K')
  t.match(line, /^505,000 lines · [\d,]+ a second · 500,000 added/)
})

t.test('elsewhere it is plain lines', async (t) => {
  t.match(await written(undefined, SIZE), /^1,010,000 lines · [^\r█]+ 3 refused\n$/)
})
