import { type Caller, joinAs, type Muster, type Reply, withOrg } from './muster.ts'

/**
 * An organisation: Alice is Admin, Amy in Accounting, Bob and Carl are Members without a right on any resource. Its resources:
 *
 *     design ─ site ─ shop
 *     sales ─ crm
 */
export interface Tree {
  readonly orgId: string
  readonly path: string
  readonly admin: Caller
  readonly accounting: Caller
  readonly member: Caller
  readonly carl: Caller
  readonly service: Caller
  readonly design: string
  readonly site: string
  readonly shop: string
  readonly sales: string
  readonly crm: string
  /** The path of a resource. */
  at(resourceId: string): string
  /** Alice grants the role. */
  grant(userId: string, role: string, resourceId: string): Promise<Reply>
}

export async function plant(muster: Muster): Promise<Tree> {
  const { alice, org, path } = await withOrg(muster)
  const [accounting, member, carl] = await Promise.all([
    joinAs(muster, path, 'amy', 'accounting'),
    joinAs(muster, path, 'bob'),
    joinAs(muster, path, 'carl'),
  ])
  const design = await grow(alice, path, 'design')
  const site = await grow(alice, path, 'site', design)
  const shop = await grow(alice, path, 'shop', site)
  const sales = await grow(alice, path, 'sales')
  const crm = await grow(alice, path, 'crm', sales)
  const at = (resourceId: string) => `${path}/resources/${resourceId}`
  return {
    orgId: org.id,
    path,
    admin: alice,
    accounting,
    member,
    carl,
    service: muster.service('muster:write'),
    design,
    site,
    shop,
    sales,
    crm,
    at,
    grant: async (userId, role, resourceId) =>
      expectDone(await alice.put(`${at(resourceId)}/members/${userId}`, { role })),
  }
}

/** Creates a resource, and returns its id. */
export async function grow(caller: Caller, path: string, name: string, parentId?: string): Promise<string> {
  const body = { type: 'place', name, ...(parentId && { parentId }) }
  return expectDone(await caller.post(`${path}/resources`, body)).body.id
}

/** Creates a chain of resources from the root down, and returns their ids. */
export async function growChain(caller: Caller, path: string, depth: number): Promise<string[]> {
  const ids: string[] = []
  while (ids.length < depth) ids.push(await grow(caller, path, `level ${ids.length + 1}`, ids.at(-1)))
  return ids
}

const PLACES = ['design', 'site', 'shop', 'sales', 'crm'] as const

export type Roles = Partial<Record<(typeof PLACES)[number], string>>

/** The caller's effective role on each resource that they may read. */
export async function rolesOf(caller: Caller, tree: Tree): Promise<Roles> {
  const roles: Roles = {}
  for (const place of PLACES) {
    const { status, body } = await caller.get(tree.at(tree[place]))
    if (status === 200) roles[place] = body.role
  }
  return roles
}

export function everywhere(role: string): Roles {
  return Object.fromEntries(PLACES.map((place) => [place, role]))
}

/** Reads a whole list page by page, and checks that each page but the last is full. */
export async function readPages(caller: Caller, path: string, limit: number): Promise<Reply['body'][]> {
  const rows: Reply['body'][] = []
  for (let next = ''; ; ) {
    const query = `limit=${limit}${next && `&cursor=${next}`}`
    const { body } = expectDone(await caller.get(path + (path.includes('?') ? '&' : '?') + query))
    rows.push(...body.data)
    if (body.next === null) return rows
    if (body.data.length !== limit)
      throw new Error(`a page of ${body.data.length}, where ${limit} were asked`)
    if (body.next === next) throw new Error('a page that leads to itself')
    next = body.next
  }
}

function expectDone(reply: Reply): Reply {
  if (reply.status >= 300) throw new Error(JSON.stringify(reply.body))
  return reply
}
