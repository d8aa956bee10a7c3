import { createHmac } from 'node:crypto'
import { type Call, FIRST_TO_ACCEPT, inviteeOf, joinerOf, type OperationName } from '../../operations.ts'
import { EACH_IS_IN, invitationId, orgId, type Size } from '../../world.ts'

/** Nearest call to each operation. Better Auth has no resources, so a check is about an organisation. */
export function callOf(name: OperationName, n: number, secret: string, { orgs }: Size): Call | undefined {
  const get = (path: string, user: string, text: string, times: number): Call => ({
    ...{ method: 'GET', path: `/api/auth${path}`, headers: signedIn(user, secret), status: 200, text, times },
  })
  const post = (path: string, user: string, body: object, text: string): Call => ({
    ...{ method: 'POST', path: `/api/auth/organization${path}`, headers: signedIn(user, secret), body },
    ...{ status: 200, text, times: 1 },
  })
  switch (name) {
    case 'me':
      return get('/get-session', `p${n}`, `"userId":"p${n}"`, 1)
    case 'check': {
      const body = { organizationId: orgId(n % orgs), permissions: { invitation: ['create'] } }
      return post('/has-permission', `p${n % orgs}`, body, '"success":true')
    }
    case 'checks':
    case 'hello':
      return undefined
    case 'members':
      return get(
        `/organization/list-members?limit=50&organizationId=${orgId(orgs)}`,
        `m${n}`,
        '"userId":"m',
        50,
      )
    case 'orgs':
      return get('/organization/list', `p${n}`, '"slug":', EACH_IS_IN)
    case 'preview': {
      const path = `/organization/get-invitation?id=${invitationId(n)}`
      return get(path, `v${n}`, `"organizationId":"${orgId(n % orgs)}"`, 1)
    }
    case 'invite': {
      const body = { email: inviteeOf(n), role: 'member', organizationId: orgId(n % orgs) }
      return post('/invite-member', `p${n % orgs}`, body, `"email":"${body.email}"`)
    }
    case 'accept': {
      const user = joinerOf(n)
      const body = { invitationId: invitationId(FIRST_TO_ACCEPT + n) }
      return post('/accept-invitation', user, body, `"userId":"${user}"`)
    }
  }
}

/** Makes the cookie of a session whose token is the user's id, signed by HMAC as Better Auth signs its own. */
function signedIn(user: string, secret: string) {
  const signature = createHmac('sha256', secret).update(`token-${user}`).digest('base64')
  const cookie = `better-auth.session_token=${encodeURIComponent(`token-${user}.${signature}`)}`
  return { cookie, origin: 'http://127.0.0.1' }
}
