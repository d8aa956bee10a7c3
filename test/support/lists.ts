import { type Caller, joinAs, type Muster, withOrg } from './muster.ts'

/** A list of the caller's, empty at first, and how a row comes into it and goes. */
export interface List {
  readonly caller: Caller
  readonly path: string
  /** What names a row. */
  readonly key: string
  readonly add: () => Promise<string>
  readonly remove: (id: string) => Promise<unknown>
}

/** Each list of the contract by its operation, and again where it is another one for services. */
export const LISTS: Record<string, (muster: Muster) => Promise<List>> = {
  listOrgs: async (muster) => {
    const caller = muster.user(fresh('owner'))
    return {
      caller,
      path: '/orgs',
      key: 'id',
      add: async () => (await caller.post('/orgs', { name: 'Acme' })).body.id,
      remove: (id) => caller.delete(`/orgs/${id}?confirm=Acme`),
    }
  },
  'listOrgs of a service': async (muster) => {
    const backend = muster.service('muster:write')
    const adminUserId = fresh('tenant')
    return {
      caller: backend,
      path: `/orgs?userId=${adminUserId}`,
      key: 'id',
      add: async () => (await backend.post('/orgs', { name: 'Acme', adminUserId })).body.id,
      remove: (id) => muster.user(adminUserId).delete(`/orgs/${id}?confirm=Acme`),
    }
  },
  listMembers: async (muster) => {
    const { alice, path } = await withOrg(muster)
    return {
      caller: alice,
      path: `${path}/members?role=member`,
      key: 'userId',
      add: async () => {
        const id = fresh('member')
        await joinAs(muster, path, id)
        return id
      },
      remove: (id) => alice.delete(`${path}/members/${id}`),
    }
  },
  listInvitations: async (muster) => {
    const { alice, path } = await withOrg(muster)
    return {
      caller: alice,
      path: `${path}/invitations?status=pending`,
      key: 'id',
      add: async () => (await alice.post(`${path}/invitations`, {})).body.id,
      remove: (id) => alice.post(`${path}/invitations/${id}/revoke`),
    }
  },
  listOpenInvitations: async (muster) => {
    const id = fresh('guest')
    const guest = muster.user(id)
    return {
      caller: guest,
      path: '/invitations',
      key: 'id',
      add: async () => {
        const { alice, path } = await withOrg(muster)
        return (await alice.post(`${path}/invitations`, { email: `${id}@example.com` })).body.id
      },
      remove: (id) => guest.post(`/invitations/${id}/decline`),
    }
  },
}

export const NEWEST_FIRST = ['listInvitations', 'listOpenInvitations']

let count = 0

function fresh(name: string): string {
  count += 1
  return `${name}${count}`
}
