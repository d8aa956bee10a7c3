import t from 'tap'
import type {
  AccessVerdicts,
  ErasedUser,
  Event,
  InvitationHandedOut,
  Me,
  Member,
  MemberDifference,
  Membership,
  OfferPage,
  OrgPage,
  OrgWithRole,
  UserExport,
  WebhookWithSecret,
} from '../../openapi/client.ts'
import { startMuster } from '../support/muster.ts'
import { clientsOf } from './clients.ts'

// What is expected is written down as a value of the answer's type: a field that the type lacks, or has too many, does
// not compile, and one that the answer lacks, or has too many, is not the same.

t.test("a frontend's way, from the first sign-in to a right", async (t) => {
  const muster = await startMuster(t)
  const { user } = clientsOf(muster)
  const [alice, bob] = [user('alice', 'Alice'), user('bob', 'Bob')]

  const me = await alice.signIn()
  const [own] = me.orgs
  if (!own) throw new Error('Nobody signs up without an organisation.')
  const { id, name } = own
  const mine = { id, name, slug: null, logoUrl: null, role: 'admin' as const }
  const signedIn: Me = {
    user: { id: 'alice', email: 'alice@example.com', emailVerified: true, name: 'Alice' },
    orgs: [mine],
    moreOrgs: false,
    openInvitations: 0,
  }
  t.same(me, signedIn)
  t.same(await alice.getMe(), signedIn)

  const listed = await alice.listOrgs({ limit: 10 })
  const { createdAt, updatedAt } = listed.data[0] ?? { createdAt: '', updatedAt: '' }
  const org: OrgWithRole = {
    ...{ ...mine, memberAccess: 'granted', metadata: {}, externalId: null },
    ...{ version: 1, createdAt, updatedAt },
  }
  t.same(listed, { data: [org], next: null } satisfies OrgPage)
  t.match(createdAt, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)

  const invited = await alice.invite(id, { email: 'bob@example.com', role: 'accounting', notify: false })
  const invitation: InvitationHandedOut = {
    ...{ id: invited.id, orgId: id, email: 'bob@example.com', role: 'accounting', resourceRoles: [] },
    ...{ status: 'pending', maxUses: 1, uses: 0, allowedEmailDomains: [], message: null, delivery: 'none' },
    ...{ createdAt: invited.createdAt, expiresAt: invited.expiresAt, lastSentAt: null, acceptedAt: null },
    ...{ declinedAt: null, declineReason: null, revokedAt: null, metadata: {}, version: 1 },
    invitedBy: { type: 'user', userId: 'alice', name: 'Alice' },
    code: invited.code ?? 'none',
    acceptUrl: `https://app.example.com/join#code=${invited.code}`,
  }
  t.same(invited, invitation)

  const bell: OfferPage = {
    data: [
      {
        ...{ id: invited.id, org: { id, name, logoUrl: null }, role: 'accounting', message: null },
        ...{ invitedBy: { name: 'Alice' }, createdAt: invited.createdAt, expiresAt: invited.expiresAt },
        version: 1,
      },
    ],
    next: null,
  }
  t.same(await bob.listOpenInvitations(), bell)

  const accepted = await bob.acceptInvitation(invited.code ?? '')
  const membership: Membership = {
    ...{ orgId: id, userId: 'bob', name: 'Bob', email: 'bob@example.com', role: 'accounting' },
    ...{ source: 'invitation', joinedAt: accepted.joinedAt, version: 1, resourceRoles: [], leftOut: [] },
  }
  t.same(accepted, membership)

  const source = { type: 'organization' as const, id }
  const verdicts: AccessVerdicts = {
    results: [
      { allowed: true, role: 'accounting', source },
      { allowed: false, role: 'accounting', source },
      { allowed: false, role: null, source: null },
    ],
  }
  const nowhere = '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e'
  const checks = await bob.checkAccess({
    checks: [
      { orgId: id, permission: 'billing:update' },
      { orgId: id, permission: 'org:update' },
      { orgId: nowhere, permission: 'org:read' },
    ],
  })
  t.same(checks, verdicts)
})

t.test("a backend's way, from a new tenant to the erasure of a person", async (t) => {
  const muster = await startMuster(t, { WEBHOOK_ALLOW_PRIVATE: 'true' })
  const backend = clientsOf(muster).service('muster:read muster:write')

  const org = await backend.createOrg({
    ...{ name: 'Acme', externalId: 'tenant-42', adminUserId: 'alice', metadata: { plan: 'pro' } },
  })
  const { id, createdAt } = org
  const created: OrgWithRole = {
    ...{ id, name: 'Acme', slug: null, logoUrl: null, memberAccess: 'granted', metadata: { plan: 'pro' } },
    ...{ externalId: 'tenant-42', role: null, version: 1, createdAt, updatedAt: createdAt },
  }
  t.same(org, created)

  const told = await backend.createWebhook({
    url: 'http://127.0.0.1:9/hooks',
    types: ['member.added', 'member.removed'],
  })
  const webhook: WebhookWithSecret = {
    ...{ id: told.id, url: 'http://127.0.0.1:9/hooks', description: null },
    ...{
      types: ['member.added', 'member.removed'],
      failingSince: null,
      status: 'enabled',
      disabledReason: null,
    },
    ...{ version: 1, createdAt: told.createdAt, updatedAt: told.updatedAt, secret: told.secret },
  }
  t.same(told, webhook)
  t.match(told.secret, /^whsec_/)

  const bob = await backend.putMember(id, 'bob', { role: 'member', email: 'bob@example.com' })
  const member: Member = {
    ...{ userId: 'bob', name: null, email: 'bob@example.com', role: 'member' },
    ...{ source: 'provisioned', joinedAt: bob.joinedAt, version: 1 },
  }
  t.same(bob, member)

  const wanted = { members: [{ userId: 'alice', role: 'admin' as const }, carol('admin')] }
  const difference: MemberDifference = {
    added: [{ userId: 'carol', role: 'admin' }],
    changed: [],
    removed: [{ userId: 'bob', role: 'member' }],
    unchanged: 1,
  }
  t.same(await backend.syncMembers(id, wanted, { dryRun: true }), difference)
  t.same(await backend.syncMembers(id, wanted), difference)
  const demoted = await backend.syncMembers(id, {
    members: [{ userId: 'alice', role: 'admin' }, carol('member')],
  })
  t.same(demoted.changed, [{ userId: 'carol', role: 'member', previousRole: 'admin' }])

  const { data: events, next } = await backend.listEvents(id, { type: 'member.removed' })
  t.equal(next, null)
  const removal: Event = {
    ...{ id: events[0]?.id ?? '', type: 'member.removed', orgId: id, data: {} },
    ...{ actor: { type: 'service', userId: 'backend' }, subject: { type: 'user', id: 'bob' } },
    ...{ occurredAt: events[0]?.occurredAt ?? '', sequence: events[0]?.sequence ?? null },
  }
  t.same(events, [removal])
  const feed = await backend.readFeed({ limit: 1 })
  const cursor: string = feed.next
  t.equal(
    (await backend.readFeed({ cursor })).next,
    cursor,
    'without jobs nothing is placed, and it is no end',
  )

  const exported = await backend.exportUser('carol')
  const [demotion, addition] = exported.events
  if (!demotion || !addition) throw new Error('Two things happened to carol.')
  const ofCarol = {
    orgId: id,
    actor: { type: 'service', userId: 'backend' },
    subject: { type: 'user', id: 'carol' },
  } as const
  const { id: demotionId, occurredAt: demotedAt, sequence } = demotion
  const person: UserExport = {
    user: {
      ...{ id: 'carol', email: null, emailVerified: false, name: null, signedUpAt: null },
      createdAt: exported.user.createdAt,
    },
    memberships: [
      {
        ...{ orgId: id, orgName: 'Acme', orgDeleted: false, role: 'member', source: 'provisioned' },
        joinedAt: exported.memberships[0]?.joinedAt ?? '',
      },
    ],
    grants: [],
    invitationsReceived: [],
    invitationsSent: [],
    events: [
      { ...ofCarol, id: demotionId, type: 'member.role_changed', occurredAt: demotedAt, sequence },
      { ...ofCarol, ...addition, type: 'member.added' },
    ],
    moreEvents: false,
  }
  t.same(exported, person)

  const erased = await backend.eraseUser('carol')
  t.same(Object.keys(erased satisfies ErasedUser), ['pseudonym'])
  await t.rejects(backend.getUser('carol'), { code: 'user_not_found' })
  const refusal = await backend.eraseUser('alice').catch((error) => error)
  t.match(refusal, { problem: { code: 'last_admin', orgs: [{ id, name: 'Acme' }] } })
})

function carol(role: 'admin' | 'member') {
  return { userId: 'carol', role }
}
