import { randomUUID } from 'node:crypto'
import type { Db } from '../../src/db/client.ts'
import { createOrg } from '../../src/domain/orgs/create.ts'
import { restoreOrg } from '../../src/domain/orgs/restore.ts'
import { accepts, deletesOrg, signsIn } from './calls.ts'
import {
  FIRST_SIGN_IN,
  KEY_LOCK,
  ONE_SLUG,
  ORG_LOCK,
  ORG_LOCK_OF_INVITED,
  ORG_LOCK_OF_RESTORE,
} from './guards.ts'
import { each, joined, memberCount, tally } from './looks.ts'
import { race } from './race.ts'
import { BACKEND, foundOrgs, inviteInto, newScenes, type Scene } from './scenes.ts'
import type { Stage } from './stage.ts'

export const ORG_RACES = [
  race({
    name: 'an invitation is accepted and the organisation deleted',
    ...{ rounds: 300, callers: 2, guards: [ORG_LOCK_OF_INVITED] },
    prepare: async (stage, rounds) =>
      inviteInto(stage, await foundOrgs(stage, rounds, { alice: 'admin' }), [{ to: 'dana' }]),
    calls: (org, stage) => [
      accepts(org, 'dana'),
      async (db) => `${await deletesOrg(org, 'alice')(db)} with ${await memberCount(stage, org)}`,
    ],
    // A user who joins a deleted organisation would be there after a restore.
    outcome: async (org, answers, stage) => {
      const kept = await joined(stage, org)
      await restoreOrg(stage.muster.db, BACKEND, org)
      return `${each(answers)}; ${kept}; restored: ${await joined(stage, org)}`
    },
    serial: [
      'joined, done with 2; 2 members, accepted 1/1; restored: 2 members, accepted 1/1',
      'invitation_not_found, done with 1; 1 members, pending 0/1; restored: 1 members, pending 0/1',
    ],
  }),
  race({
    name: 'a deleted organisation is restored twice',
    ...{ rounds: 300, callers: 2, guards: [ORG_LOCK_OF_RESTORE] },
    prepare: async (stage, rounds) => {
      const deleted = await foundOrgs(stage, rounds, { alice: 'admin' })
      await stage.muster.db.pool.query('update orgs set deleted_at = now(), version = 2 where id = any($1)', [
        deleted.map(({ orgId }) => orgId),
      ])
      return deleted
    },
    calls: (org) => [restores(org), restores(org)],
    outcome: async (_, answers) => each(answers),
    serial: ['version 3, version 3'],
  }),
  race({
    name: 'two organisations are created with one slug',
    ...{ rounds: 300, callers: 2, guards: [ONE_SLUG] },
    prepare: async (_, rounds) => newScenes(rounds),
    calls: ({ orgName, orgId, who }) =>
      ['alice', 'bob'].map((name) => async (db: Db) => {
        await createOrg(db, who(name), { name: orgName, slug: `acme-${orgId}` })
        return 'created'
      }),
    outcome: async (_, answers) => each(answers),
    serial: ['created, slug_taken', 'slug_taken, created'],
  }),
  race({
    name: 'one person signs in for the first time twice',
    ...{ rounds: 300, callers: 2, guards: [FIRST_SIGN_IN] },
    prepare: async (_, rounds) => newScenes(rounds),
    calls: (org) => [signsIn(org, 'alice'), signsIn(org, 'alice')],
    outcome: async (_, answers) => tally(answers),
    serial: ['1 again (1), 1 first (1)'],
  }),
  race({
    name: 'PATCH with one If-Match, twice over HTTP',
    ...{ rounds: 300, callers: 2, guards: [ORG_LOCK] },
    prepare: (stage, rounds) => foundOrgs(stage, rounds, { alice: 'admin' }),
    calls: (org, stage) => [patches(stage, org, 'One'), patches(stage, org, 'Two')],
    outcome: async ({ orgId, who }, answers, { muster }) => {
      const { body } = await muster.user(who('alice').id).get(`/orgs/${orgId}`)
      return `${each(answers)}; ${body.name} ${body.version}`
    },
    serial: ['200, 412; One 2', '412, 200; Two 2'],
  }),
  race({
    name: 'POST with one Idempotency-Key, twice over HTTP',
    ...{ rounds: 300, callers: 2, guards: [KEY_LOCK] },
    prepare: async (_, rounds) => newScenes(rounds),
    calls: (org, stage) => {
      const key = randomUUID()
      return [creates(stage, org, key), creates(stage, org, key)]
    },
    outcome: async ({ who }, answers, { muster }) => {
      const { body } = await muster.user(who('alice').id).get('/orgs')
      return `${tally(answers)}; ${body.data.length} created`
    },
    serial: ['1 201, 1 201 replayed; 1 created', '1 201, 1 409 idempotency_in_progress; 1 created'],
  }),
]

function restores({ orgId }: Scene) {
  return async (db: Db) => `version ${(await restoreOrg(db, BACKEND, { orgId })).version}`
}

function patches({ muster }: Stage, { orgId, who }: Scene, name: string) {
  return async () => {
    const alice = muster.user(who('alice').id)
    return String((await alice.patch(`/orgs/${orgId}`, { name }, { 'if-match': '"1"' })).status)
  }
}

function creates({ muster }: Stage, { orgName, who }: Scene, key: string) {
  return async () => {
    const alice = muster.user(who('alice').id)
    const { status, body, headers } = await alice.post('/orgs', { name: orgName }, { 'idempotency-key': key })
    const remark = headers.has('idempotency-replayed') ? 'replayed' : body.code
    return [status, remark].filter(Boolean).join(' ')
  }
}
