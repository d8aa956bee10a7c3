import { chapter, type Person, tell } from './narrator.ts'
import type { Stage } from './stage.ts'

export async function backendListens({ endpoint }: Stage, backend: Person): Promise<void> {
  chapter("The product's backend wants to know")
  const { body: webhook } = await backend(201, 'POST', '/webhooks', {
    url: endpoint.url,
    types: ['invitation.accepted', 'member.added', 'member.removed', 'member.left'],
  })
  tell('It keeps the secret, and takes only what is signed with it.')
  endpoint.trust(webhook.secret)
}

export async function whatHappened(org: string, bob: Person, backend: Person): Promise<void> {
  chapter('Who did what?')
  tell('Bob, now Admin, reads it in the audit log, the newest first.')
  await bob(200, 'GET', `${org}/events?limit=5`)

  tell('The backend follows all organisations, and goes on from `next` whenever it likes.')
  const { body: feed } = await backend(200, 'GET', '/events?limit=3')
  await backend(200, 'GET', `/events?limit=3&cursor=${feed.next}`)
}
