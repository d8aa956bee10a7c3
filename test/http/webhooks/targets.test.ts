import t, { type Test } from 'tap'
import { dump } from '../../support/dump.ts'
import { startMuster } from '../../support/muster.ts'

const GOOD = 'https://hooks.example.com/in'

// Loopback, private, link-local and the like, in every spelling that a URL has for them, and names for loopback.
const NEAR = [
  '127.0.0.1 127.1 127.0.1 0x7f.1 0x7f000001 0177.0.0.1 2130706433 0 0.0.0.0 %31%32%37.0.0.1 127。0。0。1',
  '10.0.0.1 172.16.0.1 192.168.1.1 100.64.0.1 169.254.169.254 2852039166 0xa9fea9fe',
  '[::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [64:ff9b::] [64:ff9b::7f00:1] [64:ff9b::127.0.0.1]',
  '[2002:7f00:1::] [fd00::1] [fe80::1] [fec0::1] [ff02::1] localhost LOCALHOST localhost. api.localhost ｌocalhost',
]
  .join(' ')
  .split(' ')
  .map((host) => `https://${host}:8443/seKret`)

const OTHER = [
  'http://hooks.example.com/seKret',
  'ftp://hooks.example.com/seKret',
  'seKret',
  '',
  'https://',
  'https://bob:seKret@hooks.example.com/',
  'https://seKret@hooks.example.com/',
  'https://hooks.example.com/#seKret',
  `https://hooks.example.com/${'seKret'.repeat(400)}`,
]

const muster = await startMuster(t)
const backend = muster.service('muster:write')

for (const [what, urls] of Object.entries({ near: NEAR, 'no https URL': OTHER }))
  t.test(`a target that is ${what} is refused when it is made, and when it is changed to`, async (t) => {
    const { body } = await backend.post('/webhooks', { url: GOOD })
    const before = await dump(muster.db)
    for (const url of urls) {
      await refuses(t, url, backend.post('/webhooks', { url }))
      await refuses(t, url, backend.patch(`/webhooks/${body.id}`, { url, description: 'with it' }))
    }
    t.same(await dump(muster.db), before)
    t.equal((await backend.get(`/webhooks/${body.id}`)).body.url, GOOD)
  })

t.test('a target is kept in its one spelling, which is told', async (t) => {
  const { body } = await backend.post('/webhooks', { url: 'HTTPS://Hooks.Example.COM:443/a/../in' })
  t.equal(body.url, GOOD)
  const changed = await backend.patch(`/webhooks/${body.id}`, { url: 'https://8.8.8.8' })
  t.equal(changed.body.url, 'https://8.8.8.8/')
  t.equal((await backend.get(`/webhooks/${body.id}`)).body.url, 'https://8.8.8.8/')
})

t.test('for development, http and what is near may be a target, and nothing else', async (t) => {
  const open = (await startMuster(t, { WEBHOOK_ALLOW_PRIVATE: 'true' })).service('muster:write')
  for (const url of [...NEAR, 'http://127.0.0.1:3001/hooks', 'http://localhost/'])
    t.equal((await open.post('/webhooks', { url })).status, 201, url)
  for (const url of OTHER.slice(1)) await refuses(t, url, open.post('/webhooks', { url }))
})

async function refuses(t: Test, url: string, replied: ReturnType<typeof backend.post>): Promise<void> {
  const { status, body } = await replied
  t.match(
    { status, body },
    { status: 400, body: { code: 'invalid_request', errors: [{ pointer: '/url' }] } },
    url,
  )
  t.notMatch(JSON.stringify(body), 'seKret')
}
