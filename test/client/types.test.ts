import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { compile, withClient } from './compile.ts'

const fixture = await readFile(join(import.meta.dirname, 'misuse.ts'), 'utf8')
const COMMENT = /@ts-expect-error/g

t.test('each wrong use of the contract fails to compile', async (t) => {
  t.same(await errorsOf(t, fixture), [], 'where each is expected')
  const errors = await errorsOf(t, fixture.replaceAll(COMMENT, ''))
  const lines = fixture.split('\n')
  const wrong = lines.flatMap((line, number) => (line.match(COMMENT) ? number + 2 : []))
  t.ok(wrong.length > 20)
  t.same([...new Set(errors.map(({ line }) => line))], wrong, 'each in its own line, and nowhere else')
})

t.test('a right use where a wrong one is expected is an error', async (t) => {
  const right = fixture.replace("{ role: 'owner' }", "{ role: 'admin' }")
  t.not(right, fixture)
  t.match(await errorsOf(t, right), [{ code: 'TS2578', says: /^Unused '@ts-expect-error'/ }])
})

t.test("a browser's code compiles too, without Node's types and with every strict option", async (t) => {
  const browser = { lib: ['es2022', 'dom', 'dom.iterable'], types: [], target: 'es2022' }
  const places = { module: 'esnext', moduleResolution: 'bundler' }
  const stricter = {
    exactOptionalPropertyTypes: true,
    noPropertyAccessFromIndexSignature: true,
    noImplicitReturns: true,
    isolatedModules: true,
  }
  const use = withClient(`import { Muster } from './client.ts'
export const muster = new Muster({ url: location.origin, token: localStorage.getItem('token') ?? undefined })
`)
  const folder = t.testdir({ 'use.ts': use })
  t.same(await compile(folder, 'use.ts', { ...browser, ...places, ...stricter }), [])
})

async function errorsOf(t: Test, source: string) {
  return compile(t.testdir({ 'use.ts': withClient(source) }), 'use.ts')
}
