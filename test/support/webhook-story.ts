import { randomBytes } from 'node:crypto'
import type { Client } from 'pg'
import { until } from '../jobs/scene.ts'
import { type Answer, type Arrival, type Receiver, startReceiver } from './receiver.ts'

/** Each key has at least eight different digits, or Muster would refuse it. */
export const SECRETS_KEYS = [newKey(), newKey()]

export const WEBHOOK_ENV = { SECRETS_KEY: SECRETS_KEYS.join(), WEBHOOK_ALLOW_PRIVATE: 'true' }

/** Body of an endpoint's answer, which must appear nowhere. */
export const ECHO = 'what-an-endpoint-says'

export interface WebhookNotes {
  /** Secrets as they were handed out. */
  readonly webhookSecrets: Set<string>
  readonly receiver: Receiver
  /** All answers about webhooks except those that hold a secret. */
  readonly answers: string[]
}

type Call = (
  who: string,
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => ReturnType<typeof JSON.parse>

interface Place {
  readonly call: Call
  readonly database: Client
}

/** Tells of endpoints that answer well, badly, and with all they were sent, and of secrets in wrong places. */
export async function tellOfWebhooks(
  t: Parameters<typeof startReceiver>[0],
  { call, database }: Place,
): Promise<WebhookNotes> {
  const receiver = await startReceiver(t)
  const notes: WebhookNotes = { webhookSecrets: new Set(), receiver, answers: [] }
  const backend = async (method: string, path: string, body?: unknown, headers?: Record<string, string>) => {
    const ask = () => call('backend', method, `/webhooks${path}`, body, headers)
    let answer = await ask()
    // The machine is busy.
    while (answer.code === 'unavailable') answer = await ask()
    const { secret, ...rest } = answer
    if (secret) notes.webhookSecrets.add(secret)
    notes.answers.push(JSON.stringify(rest))
    return answer
  }
  const url = `${receiver.url}?token=of-theirs`
  const key = { 'idempotency-key': 'for a secret' }
  const { id } = await backend('POST', '', { url, description: 'Ours' }, key)
  await backend('POST', '', { url, description: 'Ours' }, key)
  for (let times = 0; times < 2; times++) await backend('POST', `/${id}/rotate-secret`, undefined, key)
  for (const answer of [200, 'close', echo(200), echo(500), echo(302), echo(410)] as const) {
    receiver.answer = answer
    const { id: deliveryId } = await backend('POST', `/${id}/test`)
    await ended(database, deliveryId)
    // A retry would meet the next answer.
    await database.query(
      "update deliveries set next_attempt_at = now() + interval '1 hour' where status = 'pending'",
    )
    await backend('GET', `/${id}/deliveries?limit=100`)
  }
  for (const status of ['disabled', 'enabled']) await backend('PATCH', `/${id}`, { status })
  for (const path of ['', `/${id}`]) await backend('GET', path)
  await backend('POST', `/${id}/rotate-secret`)

  for (const secret of notes.webhookSecrets) {
    await backend('PATCH', `/${id}`, { secret, status: secret })
    await backend('GET', `?cursor=${encodeURIComponent(secret)}`)
    await backend('GET', `/${id}/deliveries?status=${encodeURIComponent(secret)}`)
    await backend('POST', `/${id}/rotate-secret`, undefined, { 'if-match': secret, 'x-request-id': secret })
    await backend('POST', '', { url: `http://[${secret}]/` })
  }
  await breakTables(backend, database, id)
  notes.answers.push(JSON.stringify(await call('backend', 'GET', '/events?limit=100')))
  return notes
}

/** Adds an unexpected constraint: 500, with the statement in the log. Then spoils the secrets, so that none opens. */
async function breakTables(
  backend: (method: string, path: string, body?: unknown) => Promise<unknown>,
  database: Client,
  id: string,
): Promise<void> {
  await database.query('alter table webhook_secrets add constraint unexpected check (false) not valid')
  await backend('POST', '', { url: 'https://hooks.example.com/' })
  await backend('POST', `/${id}/rotate-secret`)
  await database.query('alter table webhook_secrets drop constraint unexpected')
  await database.query('update webhook_secrets set sealed = sealed || sealed')
  const { id: deliveryId } = (await backend('POST', `/${id}/test`)) as { id: string }
  await ended(database, deliveryId)
}

/** Repeats in its status, headers and body all that it was sent. */
function echo(status: number): (arrival: Arrival) => Answer {
  return ({ headers, body }) => ({
    status,
    says: `${ECHO} ${headers['webhook-signature']}`,
    headers: { location: `/${ECHO}`, 'x-echo': `${ECHO} ${headers['webhook-signature']}` },
    body: `${ECHO} ${body} ${JSON.stringify(headers)}`,
  })
}

async function ended(database: Client, deliveryId: string): Promise<void> {
  const query = 'select from deliveries where id = $1 and duration is not null'
  await until('it has ended', async () => (await database.query(query, [deliveryId])).rowCount !== 0)
}

/** Says whether the text shows at least half of the secret, as handed out or as the bytes that it encodes. */
export function holdsSecret(text: string, secret: string): boolean {
  const plain = secret.replace(/^whsec_/, '')
  const bytes = Buffer.from(plain, plain.length === 64 ? 'hex' : 'base64')
  const written = [
    plain,
    encodeURIComponent(plain),
    Buffer.from(plain).toString('base64'),
    Buffer.from(plain).toString('hex'),
  ]
  const meant = (['hex', 'base64', 'base64url', 'latin1'] as const).map((encoding) =>
    bytes.toString(encoding),
  )
  const read = text.toLowerCase()
  return [...written, ...meant].some((one) => {
    const half = Math.floor(one.length / 2)
    return [one.slice(0, half), one.slice(half)].some((part) => read.includes(part.toLowerCase()))
  })
}

function newKey(): string {
  return randomBytes(32).toString('hex')
}
