import { execFile, spawn } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { loadConfig } from '../src/config.ts'
import { freePort } from '../src/db/embedded/server.ts'
import { EVENT_TYPES } from '../src/domain/events/event.ts'
import { until } from './jobs/scene.ts'
import { startJobs } from './support/jobs.ts'
import { startMuster } from './support/muster.ts'

const ROOT = dirname(import.meta.dirname)

t.test('the tour is what its commands really answer', async (t) => {
  const { commands, answers } = await tourOf('docs/tour.md')
  t.equal(answers.length, 11)
  t.same((await play(t, commands)).map(timeless), answers.map(timeless))
})

t.test("the README's short tour ends with an accepted invitation", async (t) => {
  const { commands, answers } = await tourOf('README.md', '## Your first accepted invitation')
  t.equal(answers.length, 3)
  const real = await play(t, commands)
  t.equal(real.length, answers.length)
  t.match(real.map(timeless), answers.map(timeless), 'each answer has what the README shows of it')
})

t.test('the receiver in docs/events.md takes what Muster sends, and nothing else', async (t) => {
  const muster = await startMuster(t, { WEBHOOK_ALLOW_PRIVATE: 'true' })
  await startJobs(t, muster)
  const port = await freePort()
  const backend = muster.service('muster:write')
  const { body: webhook } = await backend.post('/webhooks', { url: `http://127.0.0.1:${port}/` })

  const page = await readFile(join(ROOT, 'docs/events.md'), 'utf8')
  const [receiver = ''] = blocks(page, 'js')
  const file = join(ROOT, 'test', `${basename(t.testdirName)}.mjs`)
  await writeFile(file, receiver.replace('4000', String(port)))
  const child = spawn(process.execPath, [file], {
    env: { SECRET: webhook.secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(async () => {
    child.kill()
    await rm(file)
  })
  let heard = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    heard += text
  })
  const forged = { 'webhook-id': 'x', 'webhook-timestamp': '1', 'webhook-signature': 'v1,eA==' }
  const answer = async () =>
    (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers: forged }).catch(() => undefined))
      ?.status
  await until('it refuses what is not signed', async () => (await answer()) === 400)

  await backend.post(`/webhooks/${webhook.id}/test`)
  await until('it has heard of the test', () => heard.includes('webhook.test'))
  const deliveries = `/webhooks/${webhook.id}/deliveries?status=succeeded`
  const told = async () =>
    (await backend.get(deliveries)).body.data.find(
      ({ event }: { event: { type: string } }) => event.type === 'webhook.test',
    )
  await until('the delivery has succeeded', async () => (await told()) !== undefined)
  t.match(await told(), { event: { type: 'webhook.test' }, responseStatus: 204 })
})

t.test('each type of event is told in docs/events.md', async (t) => {
  const told = await readFile(join(ROOT, 'docs/events.md'), 'utf8')
  t.same(
    [...told.matchAll(/^\| `([a-z_.]+)` \|/gm)].map(([, type]) => type),
    EVENT_TYPES,
  )
})

t.test('each setting that Muster reads is told in docs/configuration.md, and no other', async (t) => {
  const page = await readFile(join(ROOT, 'docs/configuration.md'), 'utf8')
  const read = new Set<string>()
  const folder = t.testdir()
  const env = new Proxy<NodeJS.ProcessEnv>(
    {},
    {
      get(_, name) {
        read.add(String(name))
        return name === 'MUSTER_DATA_DIR' ? folder : undefined
      },
    },
  )
  loadConfig(env)
  t.same([...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name).sort(), [...read].sort())
})

t.test('the README names each operation of the document, and no other', async (t) => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
  const { paths } = JSON.parse(await readFile(join(ROOT, 'openapi/openapi.json'), 'utf8'))
  const operations = Object.entries<object>(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const told = [...readme.matchAll(/^\|[ \w]*\| `([A-Z]+ \/\S*)` \|/gm)].map(([, operation]) => operation)
  t.same(told.sort(), operations.sort())
})

t.test('each link from page to page leads to a file', async (t) => {
  const pages = globSync(['*.md', 'docs/**/*.md', 'migrations/*.md', 'test/*.md'], { cwd: ROOT })
  const dead = pages.flatMap((page) => {
    const links = readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\(([^)\s#]+)[^)]*\)/g)
    return [...links]
      .map(([, link = '']) => link)
      .filter((link) => !link.includes('://') && !existsSync(join(ROOT, dirname(page), link)))
      .map((link) => `${page}: ${link}`)
  })
  t.ok(pages.length > 10)
  t.same(dead, [])
})

/** The commands of a page, or of one section of it, and the answers that it shows. */
async function tourOf(page: string, heading?: string) {
  const markdown = await readFile(join(ROOT, page), 'utf8')
  const section = heading ? markdown.slice(markdown.indexOf(heading)) : markdown
  return {
    commands: blocks(section, 'sh'),
    answers: blocks(section, 'json').map((answer) => JSON.parse(answer)),
  }
}

/** Runs the commands in one shell, against a Muster of their own, and reads what they print. */
async function play(t: Test, commands: readonly string[]): Promise<unknown[]> {
  const { url, config } = await startMuster(t)
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
    { cwd: ROOT, env },
  )
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

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
