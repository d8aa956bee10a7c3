import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import * as guards from './guards.ts'

const SRC = join(import.meta.dirname, '../../src')

t.test('each guard stands where `npm run races:proof` takes it out', async (t) => {
  for (const guard of Object.values(guards)) {
    if (!('file' in guard)) continue
    const parts = (await readFile(join(SRC, guard.file), 'utf8')).split(guard.text)
    t.equal(parts.length, 2, `${guard.name}: once in ${guard.file}`)
  }
})
