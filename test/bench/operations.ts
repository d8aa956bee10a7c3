import { addressOf, codeOf, EACH_IS_IN, LEAVES, leafId, orgId, type Size, tokenOf } from './world.ts'

/** A call and its right answer: the status, and a text that is in the body so many times. */
export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: object
  readonly status: number
  readonly text: string
  readonly times: number
}

/** An operation that is measured. Muster and the floor get the same calls; other contenders have calls of their own. */
export interface Operation {
  readonly name: OperationName
  readonly title: string
  /** Number of different calls before the first may come again; absent: none may. */
  readonly cycle?: number
  /** Decisions in an answer, where they are counted besides requests. */
  readonly decisions?: number
  /** The nth call. */
  call(n: number, secret: string): Call
}

export const NAMES = ['me', 'check', 'checks', 'members', 'orgs', 'preview', 'invite', 'accept'] as const
/** `hello` is for the floor alone: it verifies a token and looks nothing up. */
export type OperationName = (typeof NAMES)[number] | 'hello'

/** The first invitation to be accepted; the ones before it are only looked at. */
export const FIRST_TO_ACCEPT = 1_000_000
export const PREVIEWED = 2_000
// Spreads callers, and questions of a hundred parts, over all there are: many, but not more than fit in memory.
const CALLERS = 2_000
const LONG_CALLS = 200

/** Person whom the nth invitation is for: `v` looks at it, `g` joins. */
export const invitedBy = (invitation: number) => (invitation < FIRST_TO_ACCEPT ? 'v' : 'g')

/** Address that the nth call of `invite` invites, and person who joins by the nth of `accept`. */
export const inviteeOf = (n: number) => addressOf(`i${n}`)
export const joinerOf = (n: number) => `g${FIRST_TO_ACCEPT + n}`

export function hello({ orgs }: Size): Operation {
  return {
    name: 'hello',
    title: 'hello',
    cycle: Math.min(orgs, CALLERS),
    call: (n, secret) => get('/hello', tokenOf(`p${n}`, secret), `"hello":"p${n}"`, 1),
  }
}

export function operationsOn(size: Size): Operation[] {
  const { orgs, trees, large } = size
  const people = spreadOver(orgs, CALLERS)
  const members = spreadOver(large, CALLERS)
  const check = (name: 'check' | 'checks', title: string, times: number): Operation => {
    const asked = spreadOver(trees, times === 1 ? CALLERS : LONG_CALLS)
    return {
      name,
      title,
      cycle: asked.count,
      ...(times > 1 && { decisions: times }),
      call: (n, secret) => {
        const org = asked.at(n)
        // The Member with a role on the root of an organisation's tree is the Admin of the organisation before it.
        const token = tokenOf(`p${(org + orgs - 1) % orgs}`, secret)
        const checks = Array.from({ length: times }, (_, k) => ({
          ...{ orgId: orgId(org), permission: 'resource:read' },
          resourceId: leafId(org, (n + k) % LEAVES),
        }))
        return post('/access/check', token, { checks }, 200, '"allowed":true', times)
      },
    }
  }
  return [
    {
      name: 'me',
      title: 'GET /me',
      cycle: people.count,
      call: (n, secret) => get('/me', tokenOf(`p${people.at(n)}`, secret), '"role":', EACH_IS_IN),
    },
    check('check', 'one check', 1),
    check('checks', '100 checks in one call', LEAVES),
    {
      name: 'members',
      title: 'list 50 of the members',
      cycle: members.count,
      call: (n, secret) =>
        get(`/orgs/${orgId(orgs)}/members?limit=50`, tokenOf(`m${members.at(n)}`, secret), '"userId":"m', 50),
    },
    {
      name: 'orgs',
      title: 'list my orgs',
      cycle: people.count,
      call: (n, secret) => get('/orgs', tokenOf(`p${people.at(n)}`, secret), '"role":', EACH_IS_IN),
    },
    {
      name: 'preview',
      title: 'preview by code',
      cycle: PREVIEWED,
      call: (n, secret) =>
        get(`/invitations/${codeOf(n)}`, tokenOf(`v${n}`, secret), `"id":"${orgId(n % orgs)}"`, 1),
    },
    {
      name: 'invite',
      title: 'invite (notify: false)',
      call: (n, secret) => {
        const email = inviteeOf(n)
        const body = { email, role: 'member', notify: false }
        const path = `/orgs/${orgId(n % orgs)}/invitations`
        return post(path, tokenOf(`p${n % orgs}`, secret), body, 201, `"email":"${email}"`, 1)
      },
    },
    {
      name: 'accept',
      title: 'accept',
      call: (n, secret) => {
        const path = `/invitations/${codeOf(FIRST_TO_ACCEPT + n)}/accept`
        const joiner = joinerOf(n)
        return post(path, tokenOf(joiner, secret), undefined, 201, `"userId":"${joiner}"`, 1)
      },
    },
  ]
}

/** Calls by `busy`, who is in more organisations than an answer holds. */
export function busyPerson(): Operation[] {
  const busy = (name: 'me' | 'orgs', title: string, path: string, times: number): Operation => ({
    ...{ name, title, cycle: 1 },
    call: (_, secret) => get(path, tokenOf('busy', secret), '"role":', times),
  })
  return [
    busy('me', "GET /me, somebody's who is in many", '/me', 100),
    busy('orgs', 'list my orgs, being in many', '/orgs', 25),
  ]
}

/** Picks so many of all, at equal distances. */
function spreadOver(all: number, most: number): { count: number; at(n: number): number } {
  const step = Math.max(1, Math.floor(all / most))
  return { count: Math.min(all, most), at: (n) => n * step }
}

function get(path: string, token: string, text: string, times: number): Call {
  return { method: 'GET', path, headers: bearer(token), status: 200, text, times }
}

function post(
  path: string,
  token: string,
  body: object | undefined,
  status: number,
  text: string,
  times: number,
): Call {
  return { method: 'POST', path, headers: bearer(token), ...(body && { body }), status, text, times }
}

function bearer(token: string) {
  return { authorization: `Bearer ${token}` }
}
