import type { Event, EventData, EventType } from '../../src/domain/events/event.ts'

type Known<T extends EventType> = EventData[T]
type Offer = Pick<Known<'invitation.created'>, 'email' | 'role' | 'resourceRoles' | 'maxUses'>

/** The knowledge of a reader of the feed alone. Members and grants are keyed by their ids, with spaces between. */
export interface Ledger {
  readonly orgs: Map<string, Omit<Known<'org.created'>, 'personal'> & { readonly deleted: boolean }>
  readonly members: Map<string, Known<'member.added'>>
  readonly resources: Map<string, Known<'resource.created'> & { readonly orgId: string }>
  readonly grants: Map<string, { readonly role: string }>
  readonly invitations: Map<string, Offer & { orgId: string; status: string; uses: number }>
}

/** Applies docs/events.md: one event also tells what ends with it. Complains of events that contradict the rest. */
export function fold(events: readonly Event[]): { ledger: Ledger; complaints: string[] } {
  const ledger: Ledger = {
    orgs: new Map(),
    members: new Map(),
    resources: new Map(),
    grants: new Map(),
    invitations: new Map(),
  }
  const counts = new Map<string, number>()
  const complaints: string[] = []
  for (const event of events) {
    const { type, orgId, sequence } = event
    const wrong = (what: string) => complaints.push(`${what}: ${JSON.stringify(event)}`)
    if (orgId === null) {
      wrong('of no organisation')
      continue
    }
    const number = (counts.get(orgId) ?? 0) + 1
    counts.set(orgId, number)
    if (sequence !== number) wrong(`not the number ${number}`)
    const isLive = ledger.orgs.get(orgId)?.deleted === false
    if (isLive !== !['org.created', 'org.restored'].includes(type)) wrong('not of a live organisation')
    tell(ledger, event, orgId, wrong)
  }
  return { ledger, complaints }
}

type Complain = (what: string) => void

const told = <T extends EventType>(data: Event['data']) => data as unknown as Known<T>

function tell(ledger: Ledger, event: Event, orgId: string, wrong: Complain): void {
  const [family] = event.type.split('.')
  if (family === 'org') tellOrg(ledger, event, orgId, wrong)
  else if (family === 'member') tellMember(ledger, event, orgId, wrong)
  else if (family === 'invitation') tellInvitation(ledger, event, orgId, wrong)
  else if (family === 'resource') tellResource(ledger, event, orgId, wrong)
  else if (family === 'grant') tellGrant(ledger, event, orgId, wrong)
  else if (family !== 'billing') wrong('not to be expected')
  else if (!ledger.resources.has(event.subject.id) && event.subject.id !== orgId) wrong('of nothing')
}

function tellOrg({ orgs }: Ledger, { type, subject, data }: Event, orgId: string, wrong: Complain): void {
  if (subject.id !== orgId) wrong('of another one')
  if (type === 'org.created') {
    if (orgs.has(orgId)) wrong('created twice')
    const { personal, ...face } = told<'org.created'>(data)
    orgs.set(orgId, { ...face, deleted: false })
  }
  const org = orgs.get(orgId)
  if (!org) {
    wrong('of nothing')
    return
  }
  const { changed, ...face } = told<'org.updated'>(data) as Partial<Known<'org.updated'>>
  if (type === 'org.updated') orgs.set(orgId, { ...org, ...face })
  if (type === 'org.deleted') orgs.set(orgId, { ...org, deleted: true })
  if (type === 'org.restored') orgs.set(orgId, { ...org, deleted: false })
}

function tellMember(ledger: Ledger, { type, subject, data }: Event, orgId: string, wrong: Complain): void {
  const { members, grants } = ledger
  const key = `${orgId} ${subject.id}`
  const member = members.get(key)
  if (!member === (type !== 'member.added')) wrong('they were not, or were already')
  if (type === 'member.added') members.set(key, told<'member.added'>(data))
  if (member && type === 'member.role_changed') {
    const { role, previousRole } = told<'member.role_changed'>(data)
    if (member.role !== previousRole || role === previousRole) wrong(`they were ${member.role}`)
    members.set(key, { ...member, role })
  }
  if (type === 'member.left' || type === 'member.removed') {
    members.delete(key)
    for (const grant of grants.keys()) if (grant.startsWith(`${key} `)) grants.delete(grant)
  }
}

function tellInvitation(
  { invitations }: Ledger,
  { type, subject, data }: Event,
  orgId: string,
  wrong: Complain,
) {
  const { email, role, resourceRoles, maxUses } = told<'invitation.created'>(data)
  const offer = { email, role, resourceRoles, maxUses }
  const known = invitations.get(subject.id)
  const { status = '', uses = 0, orgId: _, ...before } = known ?? {}
  if (!known === (type !== 'invitation.created')) wrong('it was not, or was already')
  if (known && status !== 'pending') wrong(`it was ${status}`)
  if (known && type !== 'invitation.updated' && JSON.stringify(before) !== JSON.stringify(offer))
    wrong(`it offered ${JSON.stringify(before)}`)
  const set = (now: { status?: string; uses?: number }) =>
    invitations.set(subject.id, { orgId, ...offer, status: 'pending', uses, ...now })
  set({})
  if (type === 'invitation.declined') set({ status: 'declined' })
  if (type === 'invitation.revoked') set({ status: 'revoked' })
  if (type === 'invitation.accepted') {
    const now = told<'invitation.accepted'>(data).uses
    if (now !== uses + 1) wrong(`it had ${uses} uses`)
    set({ uses: now, status: now === maxUses ? 'accepted' : 'pending' })
  }
}

function tellResource(ledger: Ledger, { type, subject, data }: Event, orgId: string, wrong: Complain): void {
  const { resources, grants } = ledger
  const { id } = subject
  const known = resources.get(id)
  if (!known === (type !== 'resource.created')) wrong('it was not, or was already')
  const within = [...resources].filter(([, { path }]) => path.includes(id))
  if (type === 'resource.created') resources.set(id, { orgId, ...told<'resource.created'>(data) })
  if (type === 'resource.moved') {
    const { parentId, previousParentId, path } = told<'resource.moved'>(data)
    if (known?.parentId !== previousParentId || parentId === previousParentId) wrong('it was elsewhere')
    for (const [below, resource] of within) {
      const steps = resource.path.slice(resource.path.indexOf(id) + 1)
      const place = below === id ? { parentId } : {}
      resources.set(below, { ...resource, path: [...path, ...steps], ...place })
    }
  }
  if (known && type === 'resource.updated') {
    const { changed, ...face } = told<'resource.updated'>(data)
    if (face.type !== known.type) wrong('it was of another type')
    resources.set(id, { ...known, ...face })
  }
  if (type === 'resource.deleted') {
    if (told<'resource.deleted'>(data).below !== within.length - 1) wrong(`${within.length - 1} lay below`)
    for (const [gone] of within) {
      resources.delete(gone)
      for (const grant of grants.keys()) if (grant.endsWith(` ${gone}`)) grants.delete(grant)
    }
    return
  }
  const now = resources.get(id)
  const above = now?.parentId ? resources.get(now.parentId)?.path : []
  if (now?.path.join() !== [...(above ?? ['nowhere']), id].join()) wrong('its path is not so')
}

function tellGrant(ledger: Ledger, { type, subject, data }: Event, orgId: string, wrong: Complain): void {
  const { members, resources, grants } = ledger
  const { resourceId, role } = told<'grant.added'>(data)
  const key = `${orgId} ${subject.id} ${resourceId}`
  const known = grants.get(key)
  if (!members.has(`${orgId} ${subject.id}`) || resources.get(resourceId)?.orgId !== orgId)
    wrong('to nobody, or on nothing')
  if (!known === (type !== 'grant.added')) wrong('they had none, or had one already')
  if (type === 'grant.removed') {
    if (known?.role !== role) wrong(`they had ${known?.role}`)
    grants.delete(key)
    return
  }
  const { previousRole } = told<'grant.changed'>(data) as Partial<Known<'grant.changed'>>
  if (known && (known.role !== previousRole || role === previousRole)) wrong(`they had ${known.role}`)
  grants.set(key, { role })
}
