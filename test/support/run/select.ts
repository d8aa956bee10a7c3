import { glob, stat } from 'node:fs/promises'

const ALL = 'test/**/*.test.ts'

// The slowest begin first, so that the run does not wait for them at the end.
const LONGEST = [
  'test/races/',
  'test/faults/',
  'test/rights/',
  'test/cli/',
  'test/main',
  'test/jobs/',
  'test/client/',
]

/** Tests that have a long form; see `form.ts`. */
export const WITH_LONG_FORM = [
  'test/races',
  'test/rights/rights.test.ts',
  ...['history', 'kill', 'deliveries'].map((name) => `test/faults/${name}.test.ts`),
  'test/attacks/fuzz.test.ts',
  'test/jobs/webhooks/isolation.test.ts',
]

/** Selects the test files that are named, directly, by a folder or by a glob; or all of them. */
export async function selectFiles(named: readonly string[]): Promise<string[]> {
  if (named.length === 0) return inOrder(await Array.fromAsync(glob(ALL)))
  const files = await Promise.all(named.map(filesOf))
  return [...new Set(files.flat())]
}

async function filesOf(name: string): Promise<string[]> {
  const folder = await stat(name).then(
    (found) => found.isDirectory(),
    () => false,
  )
  const files = await Array.fromAsync(glob(folder ? `${name}/**/*.test.ts` : name))
  if (files.length === 0) throw new Error(`There is no test ${name}`)
  return files.sort()
}

function inOrder(files: string[]): string[] {
  const place = (file: string) => {
    const index = LONGEST.findIndex((beginning) => file.startsWith(beginning))
    return index < 0 ? LONGEST.length : index
  }
  return files.sort((a, b) => place(a) - place(b) || a.localeCompare(b))
}
