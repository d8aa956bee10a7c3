import { chapter, type Person, tell } from './narrator.ts'

export async function aliceBuilds(org: string, alice: Person): Promise<string> {
  chapter('Alice makes workspaces')
  const { body: workspace } = await alice(201, 'POST', `${org}/resources`, {
    type: 'workspace',
    name: 'Design',
  })
  await alice(201, 'POST', `${org}/resources`, { type: 'workspace', name: 'Research' })

  tell('A domain lies in the first one.')
  await alice(201, 'POST', `${org}/resources`, {
    type: 'domain',
    name: 'design.example.com',
    parentId: workspace.id,
  })
  return workspace.id
}

export async function bobSeesHisWorkspace(
  org: string,
  workspace: string,
  alice: Person,
  bob: Person,
): Promise<void> {
  chapter('Bob sees his workspace, and just that one')
  const { body: mine } = await bob(200, 'GET', `${org}/resources`)
  const { body: all } = await alice(200, 'GET', `${org}/resources`)
  const other = all.data.find(({ name }: { name: string }) => name === 'Research').id
  await bob(403, 'GET', `${org}/resources/${other}`)

  tell('The product asks what he may do.')
  const orgId = org.slice('/orgs/'.length)
  await bob(200, 'POST', '/access/check', {
    checks: [
      { orgId, permission: 'resource:update', resourceId: mine.data[1].id },
      { orgId, permission: 'resource:read', resourceId: other },
      { orgId, permission: 'org:update' },
    ],
  })

  tell('He is Admin of the workspace, so he makes a domain in it; not in the organisation.')
  await bob(201, 'POST', `${org}/resources`, {
    type: 'domain',
    name: 'bob.example.com',
    parentId: workspace,
  })
  await bob(403, 'POST', `${org}/resources`, { type: 'workspace', name: 'Mine' })
}

export async function carolDoesTheInvoices(
  org: string,
  workspace: string,
  bob: Person,
  carol: Person,
): Promise<void> {
  chapter('Carol does the invoices')
  const address = { line1: '1 Main Street', postalCode: '10115', city: 'Berlin', country: 'DE' }
  await carol(200, 'PUT', `${org}/billing`, {
    legalName: 'Acme GmbH',
    email: 'invoices@example.com',
    vatId: 'DE136695976',
    address,
  })

  tell('Accounting holds for every resource.')
  await carol(200, 'PUT', `${org}/resources/${workspace}/billing`, { purchaseOrder: 'PO-2026-11', address })
  await carol(400, 'PUT', `${org}/billing`, { vatId: 'DE12' })

  tell('For Bob, a Member, there is no such thing in the organisation.')
  await bob(403, 'GET', `${org}/billing`)
}

export async function whyAliceMay(org: string, workspace: string, alice: Person): Promise<void> {
  chapter('Why may Alice do everything?')
  await alice(200, 'GET', `${org}/members/alice@example.com/access?limit=2`)

  tell('And who has a right on the workspace, and where does it come from?')
  await alice(200, 'GET', `${org}/resources/${workspace}/members`)
}
