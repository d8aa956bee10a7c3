import { type Caller, joinAs, type Muster, withOrg } from './muster.ts'

/** A row of any list. */
interface Row {
  readonly id: string
  readonly userId: string
  readonly resource: { readonly id: string } | null
}

const byId = ({ id }: Row) => id
const byUserId = ({ userId }: Row) => userId

/** A list of the caller's, empty at first, and how rows are added and removed. */
export interface List {
  readonly caller: Caller
  readonly path: string
  /** Returns the key of a row. */
  readonly keyOf: (row: Row) => string
  /** Rows that it has from the beginning, if it is never empty. */
  readonly first?: readonly string[]
  readonly add: () => Promise<string>
  /** Absent where rows never go. */
  readonly remove?: (id: string) => Promise<unknown>
}

/** Each list of the contract by its operation, and once more where services get another one. */
export const LISTS: Record<string, (muster: Muster) => Promise<List>> = {
  listOrgs: async (muster) => {
    const caller = muster.user(fresh('owner'))
    return {
      caller,
      path: '/orgs',
      keyOf: byId,
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
      keyOf: byId,
      add: async () => (await backend.post('/orgs', { name: 'Acme', adminUserId })).body.id,
      remove: (id) => muster.user(adminUserId).delete(`/orgs/${id}?confirm=Acme`),
    }
  },
  listMembers: async (muster) => {
    const { alice, path } = await withOrg(muster)
    return {
      caller: alice,
      path: `${path}/members?role=member`,
      keyOf: byUserId,
      add: async () => {
        const id = fresh('member')
        await joinAs(muster, path, id)
        return id
      },
      remove: (id) => alice.delete(`${path}/members/${id}`),
    }
  },
  listResources: async (muster) => {
    const { alice, path } = await withOrg(muster)
    return {
      caller: alice,
      path: `${path}/resources`,
      keyOf: byId,
      add: async () => (await alice.post(`${path}/resources`, { type: 'workspace', name: 'W' })).body.id,
      remove: (id) => alice.delete(`${path}/resources/${id}`),
    }
  },
  'listResources of a Member': async (muster) => {
    const { alice, path } = await withOrg(muster)
    const bob = await joinAs(muster, path, 'bob')
    return {
      caller: bob,
      path: `${path}/resources`,
      keyOf: byId,
      add: async () => {
        await alice.post(`${path}/resources`, { type: 'workspace', name: 'Not for Bob' })
        const { body } = await alice.post(`${path}/resources`, { type: 'workspace', name: 'For Bob' })
        await alice.put(`${path}/resources/${body.id}/members/bob`, { role: 'member' })
        return body.id
      },
      remove: (id) => alice.delete(`${path}/resources/${id}/members/bob`),
    }
  },
  listResourceMembers: async (muster) => {
    const { alice, path } = await withOrg(muster)
    const { body } = await alice.post(`${path}/resources`, { type: 'workspace', name: 'W' })
    const members = `${path}/resources/${body.id}/members`
    return {
      caller: alice,
      path: members,
      keyOf: byUserId,
      first: ['alice'],
      add: async () => {
        const id = fresh('reader')
        await muster.service('muster:write').put(`${members}/${id}`, { role: 'member' })
        return id
      },
      remove: (id) => alice.delete(`${members}/${id}`),
    }
  },
  explainAccess: async (muster) => {
    const { alice, path } = await withOrg(muster)
    return {
      caller: alice,
      path: `${path}/members/alice/access`,
      keyOf: ({ resource }) => resource?.id ?? 'the organisation',
      first: ['the organisation'],
      add: async () => (await alice.post(`${path}/resources`, { type: 'workspace', name: 'W' })).body.id,
      remove: (id) => alice.delete(`${path}/resources/${id}`),
    }
  },
  listInvitations: async (muster) => {
    const { alice, path } = await withOrg(muster)
    return {
      caller: alice,
      path: `${path}/invitations?status=pending`,
      keyOf: byId,
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
      keyOf: byId,
      add: async () => {
        const { alice, path } = await withOrg(muster)
        return (await alice.post(`${path}/invitations`, { email: `${id}@example.com` })).body.id
      },
      remove: (id) => guest.post(`/invitations/${id}/decline`),
    }
  },
  listEvents: async (muster) => {
    const { alice, path } = await withOrg(muster)
    return {
      caller: alice,
      path: `${path}/events?type=org.updated`,
      keyOf: byId,
      add: async () => {
        await alice.patch(path, { metadata: { at: fresh('time') } })
        return (await alice.get(`${path}/events?limit=1`)).body.data[0].id
      },
    }
  },
  listWebhooks: async (muster) => {
    const backend = muster.service('muster:write')
    const add = async () => (await backend.post('/webhooks', { url: 'https://hooks.example.com/' })).body.id
    const remove = (id: string) => backend.delete(`/webhooks/${id}`)
    // There is one such list, and an earlier test may have left rows in it.
    const left = (await backend.get('/webhooks?limit=100')).body.data
    await Promise.all(left.map(({ id }: Row) => remove(id)))
    return { caller: backend, path: '/webhooks', keyOf: byId, add, remove }
  },
  listDeliveries: async (muster) => {
    const backend = muster.service('muster:write')
    const { body } = await backend.post('/webhooks', { url: 'https://hooks.example.com/' })
    return {
      caller: backend,
      path: `/webhooks/${body.id}/deliveries`,
      keyOf: byId,
      add: async () => (await backend.post(`/webhooks/${body.id}/test`)).body.id,
    }
  },
}

// It has a cursor and is no list, because it never ends; see feed.test.ts.
export const ENDLESS = ['readFeed']

export const NEWEST_FIRST = ['listInvitations', 'listOpenInvitations', 'listEvents', 'listDeliveries']

let count = 0

function fresh(name: string): string {
  count += 1
  return `${name}${String(count).padStart(4, '0')}`
}
