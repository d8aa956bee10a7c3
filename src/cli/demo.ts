import { styleText } from 'node:util'
import { backendListens, whatHappened } from './demo/events.ts'
import { chapter, type Person, person, show, showEvent, tell } from './demo/narrator.ts'
import { aliceBuilds, bobSeesHisWorkspace, carolDoesTheInvoices, whyAliceMay } from './demo/rights.ts'
import { type Stage, setStage } from './demo/stage.ts'

console.log('Setting the stage: PostgreSQL, a mail server, Muster …')
const stage = await setStage()
try {
  await story(stage)
  console.log(
    styleText(['bold', 'green'], '\nThe story ended well. Every answer above came from a running Muster.'),
  )
} catch (error) {
  console.error(
    styleText(['bold', 'red'], `\nThe story broke off: ${error instanceof Error ? error.message : error}`),
  )
  process.exitCode = 1
} finally {
  await stage.strike()
}

async function story(stage: Stage): Promise<void> {
  const [alice, bob, carol, mallory] = await Promise.all(
    ['Alice', 'Bob', 'Carol', 'Mallory'].map((name) => enter(stage, name)),
  )
  if (!alice || !bob || !carol || !mallory) throw new Error('Somebody did not come.')

  const backend = person(
    'Backend',
    stage.url,
    await stage.serviceToken('backend', 'muster:read muster:write'),
  )
  await backendListens(stage, backend)

  const org = await aliceSignsUp(alice)
  const workspace = await aliceBuilds(org, alice)
  await bobIsInvitedByMail(stage, org, workspace, alice, bob, mallory)
  await bobSeesHisWorkspace(org, workspace, alice, bob)
  await carolJoinsByCode(org, alice, carol)
  await rolesChange(org, alice, bob)
  await carolDoesTheInvoices(org, workspace, bob, carol)
  await whyAliceMay(org, workspace, alice)
  await aliceHandsOver(org, alice, bob)
  await whatHappened(org, bob, backend)
}

async function enter({ url, tokenFor }: Stage, name: string): Promise<Person> {
  return person(name, url, await tokenFor(`${name.toLowerCase()}@example.com`, name))
}

async function aliceSignsUp(alice: Person): Promise<string> {
  chapter('Alice signs up')
  tell('She signs in for the first time, and gets an organisation of her own.')
  const { body: me } = await alice(201, 'PUT', '/me')
  const org: string = `/orgs/${me.orgs[0].id}`

  tell('She customises it.')
  await alice(200, 'PATCH', org, { name: 'Acme', slug: 'acme', logoUrl: 'https://cdn.example.com/acme.svg' })
  return org
}

async function bobIsInvitedByMail(
  stage: Stage,
  org: string,
  workspace: string,
  alice: Person,
  bob: Person,
  mallory: Person,
): Promise<void> {
  chapter('Alice invites Bob by e-mail')
  await alice(201, 'POST', `${org}/invitations`, {
    email: 'bob@example.com',
    message: 'Come and build with us!',
    resourceRoles: [{ resourceId: workspace, role: 'admin' }],
  })

  tell('The answer holds no code: it is in the mail, which has just arrived.')
  const mail = await stage.mailFor('bob@example.com')
  show(mail)
  const code = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){5}/.exec(mail)?.[0] ?? ''

  tell('Mallory has got hold of the code, and is the wrong person.')
  await mallory(403, 'POST', `/invitations/${code}/accept`)

  tell('Bob signs in. The bell rings.')
  await bob(201, 'PUT', '/me')
  await bob(200, 'GET', '/invitations')

  tell('He looks where the code leads, and joins.')
  await bob(200, 'GET', `/invitations/${code}`)
  await bob(201, 'POST', `/invitations/${code}/accept`)

  tell('The backend hears of it. The signature verifies, by the library of Standard Webhooks.')
  showEvent(await stage.endpoint.next('invitation.accepted'))
}

async function carolJoinsByCode(org: string, alice: Person, carol: Person): Promise<void> {
  chapter('Carol joins by a code')
  tell('Alice makes an open code for five people with an address at example.com.')
  const { body: open } = await alice(201, 'POST', `${org}/invitations`, {
    maxUses: 5,
    allowedEmailDomains: ['example.com'],
  })

  tell('Carol types it her own way.')
  const typed = String(open.code).toLowerCase().replaceAll('-', '')
  await carol(201, 'POST', `/invitations/${typed}/accept`)

  tell('Alice wants no more to come.')
  await alice(200, 'POST', `${org}/invitations/${open.id}/revoke`)
  await carol(200, 'POST', `/invitations/${typed}/accept`)
}

async function rolesChange(org: string, alice: Person, bob: Person): Promise<void> {
  chapter('Roles')
  tell('Bob is a Member, and may not invite.')
  await bob(403, 'POST', `${org}/invitations`, { email: 'dave@example.com' })

  tell('Carol will do the accounting.')
  await alice(200, 'PATCH', `${org}/members/carol@example.com`, { role: 'accounting' })
  await bob(200, 'GET', `${org}/members`)
}

async function aliceHandsOver(org: string, alice: Person, bob: Person): Promise<void> {
  chapter('Alice moves on')
  tell('She is the only Admin, and cannot leave.')
  await alice(409, 'POST', `${org}/leave`, { confirm: 'Acme' })

  tell('She hands over to Bob, and becomes a Member.')
  await alice(200, 'POST', `${org}/transfer`, { toUserId: 'bob@example.com', then: 'member' })

  tell('Leaving wants the name of the organisation, to the letter.')
  await alice(422, 'POST', `${org}/leave`, { confirm: 'acme' })
  await alice(204, 'POST', `${org}/leave`, { confirm: 'Acme' })

  tell('It is gone for her at once; for Bob it goes on.')
  await alice(404, 'GET', org)
  await bob(200, 'GET', org)
}
