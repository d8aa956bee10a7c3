import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { type Caller, joinAs, startMuster, withOrg } from '../../support/muster.ts'
import { furnish } from '../../support/operations.ts'

interface Told {
  readonly id: string
  readonly type: string
  readonly orgId: string
  readonly actor: { readonly userId: string }
  readonly occurredAt: string
  readonly sequence: number
}

const muster = await startMuster(t)
const backend = muster.service('muster:read')

async function logOf(caller: Caller, path: string, query: Record<string, string> = {}): Promise<Told[]> {
  const text = new URLSearchParams({ limit: '100', ...query })
  const { status, body } = await caller.get(`${path}/events?${text}`)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body.data
}

t.test('Admins and services read it; nobody else, and nobody from elsewhere', async (t) => {
  const { path, admin, accounting, member, invited } = await furnish(muster)
  for (const caller of [admin, backend, muster.service('muster:write')])
    t.equal((await caller.get(`${path}/events`)).status, 200)
  for (const caller of [accounting, member, muster.service('muster:check')])
    t.match(await caller.get(`${path}/events`), { status: 403, body: { code: 'forbidden' } })
  for (const caller of [invited, muster.user('mallory')])
    t.match(await caller.get(`${path}/events`), { status: 404, body: { code: 'org_not_found' } })
  t.equal((await muster.stranger.get(`${path}/events`)).status, 401)

  await admin.patch(`${path}/members/bob`, { role: 'admin' })
  t.equal((await member.get(`${path}/events`)).status, 200, 'as soon as they are Admin')
  await admin.patch(`${path}/members/bob`, { role: 'member' })
  t.equal((await member.get(`${path}/events`)).status, 403, 'and no longer')
})

t.test('it tells everything of this organisation alone, the newest first, at once', async (t) => {
  const { path, admin, orgId } = await furnish(muster)
  const log = await logOf(admin, path)
  t.same(
    log.map(({ sequence }) => sequence),
    Array.from(log, (_, index) => log.length - index),
  )
  t.ok(log.every((event) => event.orgId === orgId))
  for (let times = 0; times < 5; times++) {
    const { body } = await admin.patch(path, { metadata: { times } })
    const [newest] = (await admin.get(`${path}/events?limit=1`)).body.data
    t.match(newest, {
      type: 'org.updated',
      data: { changed: ['metadata'] },
      sequence: log.length + times + 1,
    })
    t.ok(Math.abs(Date.parse(newest.occurredAt) - Date.parse(body.updatedAt)) < 1000)
  }
})

t.test('the filters, each by itself and together', async (t) => {
  const { path, alice } = await withOrg(muster)
  const bob = await joinAs(muster, path, 'bob', 'admin')
  for (const [caller, name] of [
    [alice, 'One'],
    [bob, 'Two'],
    [alice, 'Three'],
    [bob, 'Four'],
  ] as const) {
    await caller.patch(path, { name })
    await caller.post(`${path}/resources`, { type: 'place', name })
    await pause(3)
  }
  const all = await logOf(alice, path)
  const moments = [...new Set(all.map(({ occurredAt }) => occurredAt))]
  const [from = '', to = ''] = [moments[5], moments[1]]
  t.ok(from < to)
  const filters: Record<string, (event: Told) => boolean> = {
    type: ({ type }) => type === 'org.updated',
    actor: ({ actor }) => actor.userId === 'bob',
    from: ({ occurredAt }) => occurredAt >= from,
    to: ({ occurredAt }) => occurredAt < to,
  }
  const values: Record<string, string> = { type: 'org.updated', actor: 'bob', from, to }
  const names = Object.keys(filters)
  for (let set = 0; set < 2 ** names.length; set++) {
    const chosen = names.filter((_, bit) => set & (1 << bit))
    const query = Object.fromEntries(chosen.map((name) => [name, values[name] ?? '']))
    const expected = all.filter((event) => chosen.every((name) => filters[name]?.(event)))
    t.ok(expected.length > 0, `${expected.length} of ${all.length}`)
    t.same(await logOf(alice, path, query), expected, chosen.join(' and ') || 'none')
  }
  t.same(await logOf(alice, path, { from, to: from }), [], 'no time, no events')
  t.same(await logOf(alice, path, { from: to, to: from }), [])
  t.same(await logOf(alice, path, { actor: 'backend', type: 'grant.added' }), [])
  t.same(
    (await logOf(alice, path, { actor: 'backend' })).map(({ type }) => type),
    ['invitation.created'],
    'a service by its sub',
  )
})

t.test('a filter that is none is refused by name', async (t) => {
  const { path, alice } = await withOrg(muster)
  for (const [parameter, values] of Object.entries({
    type: ['', 'org', 'ORG.CREATED', 'org.%25', 'toString', 'org.created,org.deleted'],
    actor: ['', 'x'.repeat(256), '%0A'],
  }))
    for (const value of values)
      t.match(
        await alice.get(`${path}/events?${parameter}=${value}`),
        { status: 400, body: { code: 'invalid_request', errors: [{ parameter }] } },
        `${parameter}=${value}`,
      )
  for (const query of ['actor=%00', 'type=org.created&type=org.deleted'])
    t.match(await alice.get(`${path}/events?${query}`), { status: 400, body: { code: 'invalid_request' } })
})

t.test(
  'pages hold everything once, also of what happened in one millisecond, while more happens',
  async (t) => {
    const { path, alice, org } = await withOrg(muster)
    for (let n = 0; n < 12; n++) await alice.patch(path, { metadata: { n } })
    await muster.db.pool.query('update events set occurred_at = now() where org_id = $1 and sequence > 3', [
      org.id,
    ])
    const expected = (await logOf(alice, path)).map(({ sequence }) => sequence)
    t.same(
      expected,
      [...expected].sort((a, b) => b - a),
    )
    for (const limit of [1, 3, 13, 14]) {
      const seen: number[] = []
      for (let next: string | null = ''; next !== null; ) {
        const page = await alice.get(`${path}/events?limit=${limit}${next && `&cursor=${next}`}`)
        seen.push(...page.body.data.map(({ sequence }: Told) => sequence))
        next = page.body.next
        await alice.patch(path, { metadata: { limit } })
      }
      const begun = seen.indexOf(expected[0] ?? 0)
      t.same(seen.slice(begun), expected, `in pages of ${limit}`)
    }
  },
)

t.test('a cursor belongs to its filters', async (t) => {
  const { path, alice } = await withOrg(muster)
  for (let n = 0; n < 3; n++) await alice.patch(path, { metadata: { n } })
  const query = 'type=org.updated&actor=alice&from=2026-01-01T00:00:00Z'
  const { next } = (await alice.get(`${path}/events?limit=1&${query}`)).body
  t.equal((await alice.get(`${path}/events?limit=2&${query}&cursor=${next}`)).body.data.length, 2)
  for (const other of [
    '',
    query.replace('alice', 'bob'),
    query.replace('updated', 'created'),
    query.replace('2026', '2025'),
    query.replace('from', 'to'),
    `${query}&to=2027-01-01T00:00:00Z`,
  ])
    t.match(await alice.get(`${path}/events?${other}&cursor=${next}`), {
      status: 400,
      body: { code: 'invalid_cursor' },
    })
})

t.test('ids in capitals lead to events with the ids as they are', async (t) => {
  const { orgId, path, admin, service, domainId, invitationId, webhookId } = await furnish(muster)
  const loud = `/orgs/${orgId.toUpperCase()}`
  const domain = `${loud}/resources/${domainId.toUpperCase()}`
  await admin.patch(loud, { name: 'Loud' })
  await admin.patch(domain, { name: 'loud.com' })
  await admin.put(`${domain}/members/bob`, { role: 'admin' })
  await service.put(`${domain}/members/otto`, { role: 'admin' })
  await admin.delete(`${domain}/members/bob`)
  await admin.put(`${domain}/billing`, { legalName: 'Loud' })
  await admin.patch(`${loud}/members/carl`, { role: 'accounting' })
  await admin.post(`${loud}/invitations/${invitationId.toUpperCase()}/resend`)
  await admin.post(`${loud}/invitations`, {
    resourceRoles: [{ resourceId: domainId.toUpperCase(), role: 'member' }],
  })
  await service.patch(`/webhooks/${webhookId.toUpperCase()}`, { description: 'Loud' })
  await admin.delete(domain)
  const log = await logOf(admin, loud)
  t.same(log, await logOf(admin, path))
  t.equal(log.length, 17 + 2 + 11)
  const { rows } = await muster.db.pool.query<{ text: string }>(
    'select to_jsonb(events)::text as text from events',
  )
  for (const id of [orgId, domainId, invitationId, webhookId])
    t.notOk(
      rows.some(({ text }) => text.includes(id.toUpperCase())),
      id,
    )
})

t.test('the log of a deleted organisation is not there, and is again after a restore', async (t) => {
  const { path, admin, service } = await furnish(muster)
  const before = await logOf(admin, path)
  await admin.delete(`${path}?confirm=Acme`)
  for (const caller of [admin, service, backend])
    t.match(await caller.get(`${path}/events`), { status: 404, body: { code: 'org_not_found' } })
  await service.post(`${path}/restore`)
  const after = await logOf(admin, path)
  t.match(after, [{ type: 'org.restored', actor: { type: 'service' } }, { type: 'org.deleted' }, {}])
  t.same(after.slice(2), before)
})
