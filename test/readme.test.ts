import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { startMuster } from './support/muster.ts'

const ROOT = dirname(import.meta.dirname)

t.test("the README's tour is what its commands really answer", async (t) => {
  const { url, config } = await startMuster(t)
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
  const tour = readme.slice(readme.indexOf('## Five minutes'), readme.indexOf('## Rights'))
  const commands = blocks(tour, 'sh')
  const answers = blocks(tour, 'json').map((answer) => JSON.parse(answer))
  t.equal(answers.length, 10)

  const script = ['set -eu', 'curl() { command curl --silent --show-error "$@"; echo; }', ...commands].join(
    '\n',
  )
  const env = {
    ...process.env,
    PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`,
    JWT_SECRET: config.jwt.kind === 'secret' ? config.jwt.secret : '',
  }
  const { stdout } = await promisify(execFile)(
    'bash',
    ['-c', script.replaceAll('http://127.0.0.1:3000', url)],
    {
      cwd: ROOT,
      env,
    },
  )
  const real = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.same(real.map(timeless), answers.map(timeless))
})

function blocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, block]) => block ?? '',
  )
}

/** Ids, times and the requestId are new each time; each becomes the same word, so that the rest can be compared. */
function timeless(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'id')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time')
  return JSON.parse(text)
}
