import { readFile } from 'node:fs/promises'
import t from 'tap'
import { byForm } from '../support/form.ts'
import { withOrg } from '../support/muster.ts'
import { type Answer, INSIDE, isWell, openDoor } from './door.ts'

// Requests made from the contract's own examples, each broken in a few places. A run is repeated by its seed.
const SEED = Number(process.env.FUZZ_SEED ?? 20_260_131)
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? byForm(800, 50_000))
const REQUESTS_AN_ORG = 25

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
}
interface Operation {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: { 'application/json': { schema: { $ref: string } } } }
}
interface Schema {
  readonly examples?: readonly unknown[]
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, Schema> }
}

const document: Document = JSON.parse(
  await readFile(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'),
)
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
)

const BROKEN: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e300, 2 ** 53, -(2 ** 31) - 1, 32_768, '', ' ', '0', 'null'],
  ...[
    '\0',
    'a\0b',
    '\ud800',
    '\udfff',
    '😀',
    '\u202e',
    '\u2028',
    '\r\nX: y',
    '\u212a',
    'ﬃ',
    'İ',
    'x'.repeat(300),
  ],
  ...["' or 1=1 --", '$1', '%s%n', '{{7*7}}', '../../etc/passwd', '<script>', '\\', '"', '`', '%00', '%'],
  ...['2026-01-31T00:00:00+01', '9999-12-31T23:59:60-23:59', '0001-01-01t00:00:00z', '2026-02-30T00:00:00Z'],
  ...['01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e', 'a@b.example', 'https://x.example', 'admin', '[object Object]'],
  ...[[], {}, [[]], [null], [''], { a: {} }, { length: 1e9 }, { constructor: 1 }, Array(200).fill(0)],
]

t.test(`${REQUESTS} broken requests are answered, none by a 500 (FUZZ_SEED=${SEED})`, async (t) => {
  const door = await openDoor(t)
  const random = generator(SEED)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const often = (chance: number) => random() < chance
  const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  const escaped = (value: unknown) => encodeURIComponent(asText(value).toWellFormed())

  const broken = (value: unknown): unknown => {
    if (often(0.3) || typeof value !== 'object' || value === null) return pick(BROKEN)
    if (Array.isArray(value)) return value.map((item) => (often(0.5) ? broken(item) : item))
    const fields = Object.entries(value).filter(() => often(0.9))
    return Object.fromEntries([
      ...fields.map(([key, inside]) => [key, often(0.3) ? broken(inside) : inside]),
      ...(often(0.1) ? [[asText(pick(BROKEN)), pick(BROKEN)]] : []),
    ])
  }

  const statuses = new Map<number, number>()
  let known: Record<string, string> = {}
  for (let n = 0; n < REQUESTS; n++) {
    if (n % REQUESTS_AN_ORG === 0) known = await aPlace()
    const { path, method, operation } = pick(operations)
    const { parameters = [], requestBody } = operation
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      often(0.8) ? (known[name] ?? '') : escaped(pick(BROKEN)) || 'x',
    )
    const query = parameters
      .filter((parameter) => parameter.in === 'query' && often(0.5))
      .map(({ name }) => `${name}=${often(0.3) ? escaped(known[name] ?? 'Acme') : escaped(pick(BROKEN))}`)
    if (often(0.05)) query.push(`${escaped(pick(BROKEN))}=${escaped(pick(BROKEN))}`)
    const headers = parameters
      .filter((parameter) => parameter.in === 'header' && often(0.3))
      .map(({ name }) => [name, asText(pick(BROKEN)).replaceAll(/[^\x20-\x7e\xa0-\xff]/g, '')])
    const schema = requestBody?.content['application/json'].schema.$ref.split('/').at(-1) ?? ''
    const example = aboutThePlace(document.components.schemas[schema]?.examples?.[0] ?? {})
    const target = `${url}${query.length > 0 ? '?' : ''}${query.join('&')}`
    const body = often(0.1) ? pick(['{', '', '[]', '"\\ud800"']) : JSON.stringify(broken(example))

    const caller = often(0.3) ? { authorization: `Bearer ${door.serviceToken}` } : {}

    const what = `#${n} ${method} ${target} ${JSON.stringify(headers)} ${body}`
    const answer = await door
      .send(method, target, {
        headers: { ...caller, 'content-type': 'application/json', ...Object.fromEntries(headers) },
        ...(method !== 'GET' && { body }),
      })
      .catch((error: Error) => error)
    statuses.set(statusOf(answer), (statuses.get(statusOf(answer)) ?? 0) + 1)
    const wrong = wrongWith(answer)
    if (wrong) t.fail(`${wrong}: ${what}`)
  }

  t.comment('answered', Object.fromEntries([...statuses].sort(([a], [b]) => a - b)))
  t.ok((statuses.get(200) ?? 0) + (statuses.get(201) ?? 0) > REQUESTS / 20, 'some of them got through')
  t.ok((statuses.get(400) ?? 0) > REQUESTS / 4, 'and many were refused')
  await isWell(t, door)

  /** The example with the ids that there are. */
  function aboutThePlace(example: unknown): unknown {
    return JSON.parse(
      JSON.stringify(example, (key, value) =>
        key.endsWith('Id') && value !== null ? (known[key] ?? value) : value,
      ),
    )
  }

  async function aPlace() {
    const { alice, org, path } = await withOrg(door.muster)
    const { body } = await alice.post(`${path}/invitations`, { email: 'bob@example.com', notify: false })
    const workspace = await alice.post(`${path}/resources`, { type: 'workspace', name: 'W' })
    const resourceId: string = workspace.body.id
    const backend = door.muster.service('muster:write')
    const webhook = await backend.post('/webhooks', { url: 'https://hooks.example.com/' })
    const delivery = await backend.post(`/webhooks/${webhook.body.id}/test`)
    return {
      ...{ orgId: org.id, invitationId: body.id, code: body.code, userId: 'alice' },
      ...{ resourceId, parentId: resourceId },
      ...{ webhookId: webhook.body.id, deliveryId: delivery.body.id },
      ...{ type: 'org.created', from: '2026-01-31T00:00:00Z', to: '2026-01-31T00:00:00Z' },
    }
  }
})

/** Undefined for an answer as it should be. */
function wrongWith(answer: Answer | Error): string | undefined {
  if (answer instanceof Error) return answer.message
  if (answer.status >= 500) return `answered ${answer.status}`
  if (answer.status < 400) return undefined
  const { type, title, status, detail, instance, code, requestId } = JSON.parse(answer.text)
  if (status !== answer.status || ![type, title, detail, instance, code, requestId].every(Boolean))
    return `no whole problem document: ${answer.text}`
  return INSIDE.test(detail) ? `tells of the inside: ${detail}` : undefined
}

function statusOf(answer: Answer | Error): number {
  return answer instanceof Error ? 0 : answer.status
}

/** Mulberry32: numbers from 0 to 1 that are the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
