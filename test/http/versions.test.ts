import t from 'tap'
import { dump } from '../support/dump.ts'
import { type Caller, type Reply, startMuster } from '../support/muster.ts'
import { callOf, furnish, operationsOf, type Place, send } from '../support/operations.ts'

const muster = await startMuster(t)

interface Versioned {
  /** Who may make the call. */
  readonly by: (place: Place) => Caller
  /** Where the version is read. */
  readonly read: (place: Place) => string
  /** In what is read there; the thing itself, unless said. */
  readonly find?: (body: Reply['body']) => { version: number }
}

const ofOrg = (by: Versioned['by']): Versioned => ({ by, read: ({ path }) => path })
const ofCarl: Versioned = { by: ({ admin }) => admin, read: ({ path }) => `${path}/members/carl` }
const ofInvitation = (by: Versioned['by']): Versioned => ({
  by,
  read: ({ path, invitationId }) => `${path}/invitations/${invitationId}`,
})

const ofWebhook: Versioned = {
  by: ({ service }) => service,
  read: ({ webhookId }) => `/webhooks/${webhookId}`,
}

const ofResource: Versioned = {
  by: ({ admin }) => admin,
  read: ({ path, workspaceId }) => `${path}/resources/${workspaceId}`,
}
const ofGrant: Versioned = {
  by: ({ admin }) => admin,
  read: ({ path, workspaceId }) => `${path}/resources/${workspaceId}/members`,
  find: ({ data }) => data.find(({ userId }: { userId: string }) => userId === 'carl').grant,
}

const itself = (body: Reply['body']) => body

// Each operation that takes `If-Match`: who makes it, and what it has the version of.
const VERSIONED: Record<string, Versioned> = {
  updateOrg: ofOrg(({ admin }) => admin),
  deleteOrg: ofOrg(({ admin }) => admin),
  restoreOrg: ofOrg(({ service }) => service),
  leaveOrg: ofOrg(({ member }) => member),
  transferOrg: ofOrg(({ admin }) => admin),
  changeRole: ofCarl,
  putMember: { ...ofCarl, by: ({ service }) => service },
  removeMember: ofCarl,
  updateInvitation: ofInvitation(({ admin }) => admin),
  revokeInvitation: ofInvitation(({ admin }) => admin),
  resendInvitation: ofInvitation(({ admin }) => admin),
  updateResource: ofResource,
  deleteResource: ofResource,
  grantRole: ofGrant,
  withdrawRole: ofGrant,
  setOrgBilling: { by: ({ accounting }) => accounting, read: ({ path }) => `${path}/billing` },
  setResourceBilling: {
    by: ({ accounting }) => accounting,
    read: ({ path, workspaceId }) => `${path}/resources/${workspaceId}/billing`,
  },
  updateWebhook: ofWebhook,
  deleteWebhook: ofWebhook,
  rotateSecret: ofWebhook,
  acceptInvitation: ofInvitation(({ invited }) => invited),
  declineInvitation: ofInvitation(({ invited }) => invited),
}

// What has to be made, or is not about something that was there before.
const UNVERSIONED = [
  ...['createOrg', 'invite', 'inviteBatch', 'signIn', 'createResource', 'checkAccess', 'createWebhook'],
  ...['sendTestEvent', 'redeliver', 'syncMembers', 'putUser', 'eraseUser'],
]

t.test('every change of something takes If-Match', async (t) => {
  const changes = (await operationsOf(muster)).filter(({ method }) => method !== 'get')
  const [taking, not] = [true, false].map((takes) =>
    changes
      .filter(({ parameters }) => parameters.includes('If-Match') === takes)
      .map(({ operationId }) => operationId),
  )
  t.same(taking?.sort(), Object.keys(VERSIONED).sort())
  t.same(not?.sort(), [...UNVERSIONED].sort())
})

t.test('what is read carries its version, and the same as a strong ETag', async (t) => {
  const { admin, invited, path, invitationId, workspaceId } = await furnish(muster)
  await admin.patch(path, { name: 'Acme' })
  const replies = [
    await admin.get(path),
    await admin.get(`${path}/members/bob`),
    await admin.get(`${path}/invitations/${invitationId}`),
    await admin.get(`${path}/resources/${workspaceId}`),
    await admin.get(`${path}/billing`),
    await admin.get(`${path}/resources/${workspaceId}/billing`),
    await invited.get(`/invitations/${invitationId}`),
  ]
  for (const { body, headers } of replies) {
    t.ok(Number.isInteger(body.version))
    t.equal(headers.get('etag'), `"${body.version}"`)
  }
  t.equal(replies[0]?.body.version, 2)
})

for (const [operationId, { by, read, find = itself }] of Object.entries(VERSIONED))
  t.test(operationId, async (t) => {
    /** A place where the call would succeed, the version of its thing, and the call. */
    const prepare = async () => {
      const place = await furnish(muster)
      const reader = read(place).startsWith('/webhooks') ? place.service : place.admin
      const { version } = find((await reader.get(read(place))).body)
      const restored = operationId === 'restoreOrg'
      if (restored) await place.admin.delete(`${place.path}?confirm=Acme`)
      const call = (tag: string) => send(by(place), callOf(operationId, place), { 'if-match': tag })
      return { version: restored ? version + 1 : version, call }
    }

    t.test('a version that does not fit is refused, and changes nothing', async (t) => {
      const { version, call } = await prepare()
      const before = await dump(muster.db)
      for (const tag of [
        `"${version + 1}"`,
        `"${version - 1}"`,
        `"-${version}"`,
        `W/"${version}"`,
        `w/"${version}"`,
        `"8", W/"${version}", "9"`,
        `"${version},9"`,
        `"9,${version}"`,
        `${version}`,
        `'${version}'`,
        `"${version}`,
        '""',
        '"*"',
        'W/*',
        'garbage',
        ',',
        '"99999999999999999999"',
        '"é"',
      ]) {
        const { status, body, headers } = await call(tag)
        t.equal(status, 412, tag)
        t.equal(body.code, 'version_mismatch')
        t.match(body.detail, String(version), 'which says the current one')
        t.equal(headers.get('etag'), null)
      }
      t.same(await dump(muster.db), before)
    })

    for (const [what, tagFor] of Object.entries({
      'the version that was read': (version: number) => `"${version}"`,
      'a list with it': (version: number) => `"9" , W/"7","${version}"`,
      'a star': () => '*',
    }))
      t.test(`${what} fits`, async (t) => {
        const { version, call } = await prepare()
        t.match((await call(tagFor(version))).status, /^20[014]$/)
      })
  })

t.test('a tag fits once: the change makes the next one', async (t) => {
  const { admin, path } = await furnish(muster)
  const first = await admin.patch(path, { memberAccess: 'all' }, { 'if-match': '"1"' })
  t.equal(first.headers.get('etag'), '"2"')
  t.equal((await admin.patch(path, { memberAccess: 'granted' }, { 'if-match': '"1"' })).status, 412)
  const tag = first.headers.get('etag') ?? ''
  t.equal((await admin.patch(path, { memberAccess: 'granted' }, { 'if-match': tag })).status, 200)
})

t.test('a tag is a name, not a number: spelled otherwise it is another one', async (t) => {
  const { admin, path } = await furnish(muster)
  for (const tag of ['"01"', '"+1"', '"1.0"', '"1e0"', '" 1"', '"1 "', '"0x1"'])
    t.equal((await admin.patch(path, {}, { 'if-match': tag })).status, 412, tag)
})

t.test('of ten changes of the same version one is made', async (t) => {
  const { admin, path } = await furnish(muster)
  const names = Array.from({ length: 10 }, (_, n) => `Name ${n}`)
  const replies = await Promise.all(names.map((name) => admin.patch(path, { name }, { 'if-match': '"1"' })))
  t.equal(replies.filter(({ status }) => status === 200).length, 1)
  t.equal(replies.filter(({ status }) => status === 412).length, 9)
  t.equal((await admin.get(path)).body.version, 2)
})

t.test('a caller without the right learns of no version', async (t) => {
  const { member, path } = await furnish(muster)
  t.equal((await member.patch(path, { name: 'Mine' }, { 'if-match': '"9"' })).status, 403)
  t.equal((await muster.user('mallory').patch(path, { name: 'Mine' }, { 'if-match': '"9"' })).status, 404)
})
