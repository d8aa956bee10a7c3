import { claims, token } from '../support/keys.ts'
import { bearer, insist } from '../support/process.ts'
import { type Place, SECRET } from './load.ts'

/** Makes a webhook of a backend for all events. Returns its secret. */
export async function tellWebhook({ url }: Place, target: string): Promise<string> {
  const backend = claims({ sub: 'backend', scope: 'muster:write' })
  const response = await insist(`${url}/webhooks`, {
    method: 'POST',
    headers: {
      ...bearer(token(SECRET, { alg: 'HS256', typ: 'JWT' }, backend)),
      'content-type': 'application/json',
    },
    body: JSON.stringify({ url: target }),
  })
  if (response.status !== 201) throw new Error(`POST /webhooks answered ${response.status}`)
  return ((await response.json()) as { secret: string }).secret
}
