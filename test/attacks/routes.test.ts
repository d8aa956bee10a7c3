import t from 'tap'
import { isProblem, isWell, openDoor } from './door.ts'

const NOBODY = '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e'
const door = await openDoor(t)
const { org } = door
const get = (path: string) => door.send('GET', path)

t.test('what is not a route is not found, in whatever way it is written', async (t) => {
  const paths = ['/', '//', '/ORGS', '//orgs', '/orgs//me', '/./orgs', '/orgs/../me', '/orgs;x=1', '/orgs%2F']
  const files = ['/docs/static/..%2f..%2fpackage.json', '/docs/nothing', '/.env']
  for (const path of [...paths, ...files, '/openapi.json/', '/favicon.ico', '/%2e%2e/orgs'])
    isProblem(t, await get(path), 404, 'route_not_found', path)
})

t.test('a method that a path does not have is not found', async (t) => {
  for (const method of ['POST', 'PATCH', 'DELETE', 'TRACE', 'OPTIONS'])
    isProblem(t, await door.send(method, '/me'), 404, 'route_not_found', method)
  for (const method of ['PROPFIND', 'PURGE', 'SEARCH', 'M-SEARCH'])
    isProblem(t, await door.send(method, '/me'), 404, 'route_not_found', method)
  isProblem(
    t,
    await door.send('QUERY', '/me'),
    400,
    'malformed_request',
    'QUERY without a content type (RFC 10008)',
  )
})

t.test('HEAD answers what GET would, without the body', async (t) => {
  for (const [path, status] of [
    ['/me', 200],
    [org, 200],
    [`/orgs/${NOBODY}`, 404],
    ['/nothing', 404],
    ['/orgs?x=1', 400],
  ] as const) {
    const answer = await door.send('HEAD', path)
    t.match(answer, { status, text: '' }, path)
  }
})

t.test('no header makes a request another one', async (t) => {
  const overrides = {
    'x-http-method-override': 'DELETE',
    'x-http-method': 'DELETE',
    'x-method-override': 'DELETE',
    'x-original-url': '/readyz',
    'x-rewrite-url': '/readyz',
    'x-forwarded-prefix': '/admin',
  }
  const { status, text } = await door.send('GET', org, { headers: overrides })
  t.equal(status, 200)
  t.equal(JSON.parse(text).name, 'Acme')
  t.equal((await door.send('GET', `${org}`)).status, 200, 'it was not deleted')
})

t.test('the pages for people refuse in the same way', async (t) => {
  const ask = (header: string) =>
    door.sendBytes(
      `GET /docs/static/swagger-ui.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}\r\n\r\n`,
    )
  isProblem(t, await ask('Range: bytes=999999999-'), 400, 'malformed_request', 'a range beyond the end')
  isProblem(
    t,
    await get('/docs/static/../../package.json'),
    400,
    'malformed_request',
    'a way out of the folder',
  )
  isProblem(t, await ask('If-Match: "x"'), 400, 'malformed_request', 'a condition that does not hold')
})

t.test('after all of this the service is well', (t) => isWell(t, door))
