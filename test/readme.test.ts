import { execFile, spawn } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { freePort } from '../src/db/embedded/server.ts'
import { EVENT_TYPES } from '../src/domain/events/event.ts'
import { until } from './jobs/scene.ts'
import { startJobs } from './support/jobs.ts'
import { startMuster } from './support/muster.ts'

const ROOT = dirname(import.meta.dirname)

t.test("the README's tour is what its commands really answer", async (t) => {
  const { url, config } = await startMuster(t)
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
  const tour = readme.slice(readme.indexOf('## Five minutes'), readme.indexOf('## Rights'))
  const commands = blocks(tour, 'sh')
  const answers = blocks(tour, 'json').map((answer) => JSON.parse(answer))
  t.equal(answers.length, 11)

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

t.test("the README's receiver takes what Muster sends, and nothing else", async (t) => {
  const muster = await startMuster(t, { WEBHOOK_ALLOW_PRIVATE: 'true' })
  await startJobs(t, muster)
  const port = await freePort()
  const backend = muster.service('muster:write')
  const { body: webhook } = await backend.post('/webhooks', { url: `http://127.0.0.1:${port}/` })

  const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
  const [receiver = ''] = blocks(readme, 'js')
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
