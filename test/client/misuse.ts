import { all, type Muster, MusterError, type Org, type Role } from '../../openapi/client.ts'

// The contract used wrongly. Each line below a comment must not compile: types.test.ts sees to it. Nothing is run.

export async function misuse(muster: Muster, orgId: string, error: unknown): Promise<void> {
  // @ts-expect-error: there is no such field
  await muster.createOrg({ name: 'Acme', colour: 'red' })
  // @ts-expect-error: the name is missing
  await muster.createOrg({ slug: 'acme' })
  // @ts-expect-error: there is no such role
  await muster.putMember(orgId, 'bob', { role: 'owner' })
  // @ts-expect-error: the query has another name
  await muster.listMembers(orgId, { roles: 'admin' })
  // @ts-expect-error: no such role in a query either
  await muster.listMembers(orgId, { role: 'owner' })
  // @ts-expect-error: the confirmation is missing
  await muster.deleteOrg(orgId)
  // @ts-expect-error: what belongs into the body
  await muster.leaveOrg(orgId, { signal: AbortSignal.timeout(1) })
  // @ts-expect-error: there is no such permission
  await muster.checkAccess({ checks: [{ orgId, permission: 'org:rename' }] })
  // @ts-expect-error: there is no such type of event
  await muster.createWebhook({ url: 'https://example.com', types: ['org.renamed'] })
  // @ts-expect-error: a name cannot be null, as a slug can
  await muster.updateOrg(orgId, { slug: null, name: null })
  // @ts-expect-error: creating has no version to match
  await muster.createOrg({ name: 'Acme' }, { ifMatch: 1 })
  // @ts-expect-error: putting is safe to repeat by itself
  await muster.putMember(orgId, 'bob', { role: 'member' }, { idempotencyKey: 'x' })
  // @ts-expect-error: there is no such operation
  await muster.renameOrg(orgId)

  const org = await muster.getOrg(orgId)
  // @ts-expect-error: the answer has no such field
  console.log(org.owner)
  // @ts-expect-error: it may be null
  console.log(org.slug.length)
  // @ts-expect-error: a service has no role
  const role: Role = org.role
  // @ts-expect-error: an organisation that is changed comes without a role
  const changed: Required<Org>['role'] = (await muster.updateOrg(orgId, {})).role
  const [verdict] = (await muster.checkAccess({ checks: [{ orgId, permission: 'org:read' }] })).results
  // @ts-expect-error: nowhere, where there is no role
  console.log(verdict?.source.id)
  // @ts-expect-error: nothing is answered
  const { id } = await muster.removeMember(orgId, 'bob')
  // @ts-expect-error: the feed is not a list that ends
  const feed: { next: null } = await muster.readFeed()
  const [event] = (await muster.readFeed()).data
  // @ts-expect-error: not every event tells a role
  console.log(event?.data.role)
  // @ts-expect-error: who is added had no role before
  if (event?.type === 'member.added') console.log(event.data.role, event.data.previousRole)
  // @ts-expect-error: there is no such type of event to look for
  if (event?.type === 'member.promoted') console.log(event.id)
  // @ts-expect-error: a question is answered by yes or no
  await muster.syncMembers(orgId, { members: [] }, { dryRun: 'yes' })
  // @ts-expect-error: an id is a string
  for await (const { userId } of all((page) => muster.listMembers(orgId, page))) console.log(userId + 1 - 1)
  // @ts-expect-error: there is no such problem
  if (error instanceof MusterError && error.code === 'last_owner') console.log(role, changed, id, feed)
}
