import t from 'tap'
import { EVENT_TYPES } from '../../../src/domain/events/event.ts'
import { relayEvents } from '../../../src/jobs/feed/relay.ts'
import { type Reply, startMuster } from '../../support/muster.ts'
import { holds } from '../../support/secrets.ts'

// Said wherever something can be said that no event may tell, and nowhere else. No id or code holds it by chance.
const NEVER = 'Zyxel'
const INVOICE = {
  ...{ legalName: `${NEVER} GmbH`, email: `${NEVER}@example.org`, vatId: 'DE987654321' },
  address: {
    line1: `${NEVER} 1`,
    line2: NEVER,
    postalCode: NEVER,
    city: NEVER,
    region: NEVER,
    country: 'DE',
  },
  ...{ purchaseOrder: `PO ${NEVER}`, notes: `${NEVER} pays late` },
}
const metadata = { note: NEVER, [NEVER]: { [NEVER]: [NEVER] } }
const HOOK = { url: `https://hooks.example.com/${NEVER}?token=${NEVER}`, description: NEVER }
const WORDS = new RegExp(`${NEVER}|987654321`, 'i')

const muster = await startMuster(t)
const backend = muster.service('muster:write')
const person = (id: string) => muster.user(id, { name: `${NEVER} ${id}`, family_name: NEVER })
const alice = person('alice')
const codes = new Set<string>()
const secrets = new Set<string>()

/** Whatever is handed out is noted. */
async function done(call: Promise<Reply>): Promise<Reply['body']> {
  const { status, body } = await call
  if (status >= 300) throw new Error(JSON.stringify(body))
  for (const { code, secret } of [
    body,
    ...(body.results ?? []).map((one: Reply['body']) => one.invitation),
  ]) {
    if (code) codes.add(code)
    if (secret) secrets.add(secret)
  }
  return body
}

const org = await done(alice.post('/orgs', { name: 'Acme', metadata }))
const path = `/orgs/${org.id}`

t.test('every type of event is written by a story in which nothing goes unsaid', async (t) => {
  await aboutOrganisation()
  await aboutInvitations()
  await aboutResources()
  await aboutWebhooks()
  await done(backend.delete('/users/grace'))
  const types = await muster.db.pool.query<{ type: string }>('select distinct type from events')
  const written = new Set(types.rows.map(({ type }) => type))
  t.same(
    EVENT_TYPES.filter((type) => !written.has(type)),
    ['webhook.disabled'],
    'all but what an endpoint has to fail for',
  )
})

t.test(
  'no event holds a code, a secret, a message, metadata, an address to call, or a name of a person',
  async (t) => {
    while ((await relayEvents(muster.db)) > 0);
    const { rows } = await muster.db.pool.query<{ text: string }>(
      'select to_jsonb(events)::text as text from events',
    )
    const told = [rows.map(({ text }) => text).join('\n')]
    for (const [caller, list] of [[alice, `${path}/events`] as const, [backend, '/events'] as const])
      for (let cursor = ''; ; ) {
        const { data, next } = await done(caller.get(`${list}?limit=100${cursor && `&cursor=${cursor}`}`))
        if (data.length === 0) break
        told.push(JSON.stringify(data))
        if (next === null) break
        cursor = next
      }
    t.ok(told.length > 2)
    t.ok(codes.size > 6, `${codes.size} codes`)
    t.equal(secrets.size, 2)
    for (const text of told) {
      t.match(text, /Acme|Design/, 'names of things are told, so that they would be recognised')
      t.same(
        text.split(/\n|(?<=\}),(?=\{"id")/).filter((event) => WORDS.test(event)),
        [],
      )
      for (const code of codes) t.notOk(holds(text, code), code)
      for (const secret of secrets) {
        const key = secret.replace('whsec_', '')
        const bytes = Buffer.from(key, 'base64')
        for (const spelling of [key, bytes.toString('hex'), bytes.toString('base64url')])
          t.notOk(text.includes(spelling), 'a secret of a webhook')
      }
    }
  },
)

async function aboutOrganisation() {
  await done(alice.patch(path, { name: 'Acme', metadata, slug: 'acme' }))
  await done(alice.put(`${path}/billing`, INVOICE))
  await done(
    backend.put(`${path}/members/grace`, { role: 'member', name: NEVER, email: 'grace@example.com' }),
  )
  await done(alice.patch(`${path}/members/grace`, { role: 'admin' }))
  await done(person('grace').post(`${path}/transfer`, { toUserId: 'alice', then: 'leave' }))
  await done(backend.put(`${path}/members/grace`, { role: 'member' }))
  await done(alice.delete(`${path}?confirm=Acme`))
  await done(backend.post(`${path}/restore`))
  await done(backend.post('/orgs', { name: 'Beta', adminUserId: 'grace2', externalId: 'beta', metadata }))
}

async function aboutInvitations() {
  const offer = { message: `${NEVER} invites you`, metadata, notify: false }
  const invite = (name: string) =>
    done(alice.post(`${path}/invitations`, { ...offer, email: `${name}@example.com` }))
  const [bob, carl, dave] = [await invite('bob'), await invite('carl'), await invite('dave')]
  await done(alice.post(`${path}/invitations`, { ...offer, email: undefined, maxUses: 2 }))
  await done(
    alice.post(`${path}/invitations/batch`, { invitations: [offer, { ...offer, email: 'e@example.com' }] }),
  )
  await done(alice.post(`${path}/invitations/${bob.id}/resend`, undefined, { 'idempotency-key': NEVER }))
  await done(alice.patch(`${path}/invitations/${bob.id}`, { role: 'accounting' }))
  await done(person('bob').post(`/invitations/${[...codes].at(-1)}/accept`))
  await done(person('carl').post(`/invitations/${carl.code}/decline`, { reason: NEVER }))
  await done(alice.post(`${path}/invitations/${dave.id}/revoke`))
  await done(alice.delete(`${path}/members/bob`))
}

async function aboutResources() {
  const create = (body: object) =>
    done(alice.post(`${path}/resources`, { type: 'workspace', metadata, ...body }))
  const [one, two] = [await create({ name: 'Design' }), await create({ name: 'Sales' })]
  const at = (id: string) => `${path}/resources/${id}`
  await done(alice.patch(at(two.id), { name: 'Design', metadata, parentId: one.id }))
  await done(alice.put(`${at(two.id)}/billing`, INVOICE))
  for (const role of ['member', 'admin']) await done(alice.put(`${at(two.id)}/members/grace`, { role }))
  await done(alice.delete(`${at(two.id)}/members/grace`))
  await done(alice.delete(at(one.id)))
}

async function aboutWebhooks() {
  const { id } = await done(backend.post('/webhooks', HOOK))
  await done(backend.patch(`/webhooks/${id}`, { ...HOOK, types: ['org.created'] }))
  await done(backend.post(`/webhooks/${id}/rotate-secret`))
  await done(backend.post(`/webhooks/${id}/test`))
  await done(backend.delete(`/webhooks/${id}`))
}
