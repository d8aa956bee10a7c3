import { setTimeout as pause } from 'node:timers/promises'
import { claims, now, token } from '../support/keys.ts'
import { bearer } from '../support/process.ts'
import { stopwatch } from '../support/stopwatch.ts'

export const SECRET = 'a secret for the faults, long enough and of no worth'

/** The address where Muster listens at the moment. */
export interface Place {
  url: string
}

// biome-ignore lint/suspicious/noExplicitAny: the callers know what they asked for
type Body = any

export interface Answer {
  readonly status: number
  readonly body: Body
  readonly headers: Headers
}

/** One POST under an Idempotency-Key, sent until it is answered. */
export interface Deed {
  readonly who: string
  readonly path: string
  readonly body: object | undefined
  readonly key: string
  readonly answer: Answer
  /** Number of earlier sendings that got no answer, or the answer that Muster is not available. */
  readonly unanswered: number
}

/** An answer that asks the caller to try again, and the milliseconds it took. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly retryAfter: string | null
  readonly milliseconds: number
}

export interface Load {
  /** Sorted by the time of the answer. */
  readonly deeds: readonly Deed[]
  readonly refusals: readonly Refusal[]
  /** Resolves when all people have ended their stories. @throws on an answer that no caller may get */
  stop(): Promise<void>
}

/**
 * Plays so many people at the same time. Each makes an organisation, invites one person by a code and another by mail,
 * lets the first one join, and begins again. They do not give up: what is not answered is sent again.
 */
export function startLoad(place: Place, people: number): Load {
  const deeds: Deed[] = []
  const refusals: Refusal[] = []
  let stopping = false

  const send = async (who: string, path: string, body?: object): Promise<Body> => {
    const key = `${who} ${path} ${JSON.stringify(body ?? null)}`
    for (let unanswered = 0; ; unanswered++) {
      const clock = stopwatch()
      const answer = await ask(place.url, who, 'POST', path, { body, key }).catch(() => undefined)
      if (answer && answer.status < 300) {
        deeds.push({ who, path, body, key, answer, unanswered })
        return answer.body
      }
      if (answer) refusals.push(refusalOf(answer, path, clock()))
      await pause(20)
    }
  }
  const live = async (_: unknown, person: number): Promise<void> => {
    for (let number = 0; !stopping; number++) {
      const name = `${person}.${number}`
      const org = await send(`admin-${name}`, '/orgs', { name: `Org ${name}` })
      const invite = (email: string, notify: boolean) =>
        send(`admin-${name}`, `/orgs/${org.id}/invitations`, { email, notify })
      const { code } = await invite(addressOf(`guest-${name}`), false)
      await invite(addressOf(`mailed-${name}`), true)
      await send(`guest-${name}`, `/invitations/${code}/accept`)
    }
  }
  const lives = Promise.all(Array.from({ length: people }, live))
  // The caller of `stop` hears of it.
  lives.catch(() => {})
  return {
    deeds,
    refusals,
    stop: async () => {
      stopping = true
      await lives
    },
  }
}

/** @throws when there is no answer. */
export async function ask(
  url: string,
  who: string,
  method: string,
  path: string,
  { body, key }: { body?: object | undefined; key?: string } = {},
): Promise<Answer> {
  const identity = { sub: who, email: addressOf(who), email_verified: true, exp: now() + 3600 }
  const response = await fetch(url + path, {
    method,
    headers: {
      ...bearer(token(SECRET, { alg: 'HS256', typ: 'JWT' }, claims(identity))),
      ...(body && { 'content-type': 'application/json' }),
      ...(key && { 'idempotency-key': key }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(15_000),
  })
  const text = await response.text()
  return { status: response.status, body: text && JSON.parse(text), headers: response.headers }
}

function addressOf(who: string): string {
  return `${who}@example.com`
}

/** @throws when the answer does not mean "try again". */
function refusalOf({ status, body, headers }: Answer, path: string, milliseconds: number): Refusal {
  if (!['unavailable', 'idempotency_in_progress'].includes(body.code))
    throw new Error(`POST ${path} answered ${status} ${body.code}`)
  return { status, code: body.code, retryAfter: headers.get('retry-after'), milliseconds }
}
