import { eq, inArray } from 'drizzle-orm'
import type { Job } from 'graphile-worker'
import { pino } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { invitationCodes, invitations, sendings } from '../../src/db/tables/invitations.ts'
import { members } from '../../src/db/tables/orgs.ts'
import { acceptInvitation } from '../../src/domain/invitations/accept.ts'
import { newCode } from '../../src/domain/invitations/code.ts'
import { countMisses } from '../../src/domain/invitations/count-misses.ts'
import { inviteBatch } from '../../src/domain/invitations/invite-batch.ts'
import { openMailer } from '../../src/jobs/mail/mailer.ts'
import { sendInvitation } from '../../src/jobs/mail/send-invitation.ts'
import { invites, resends } from './calls.ts'
import {
  ADDRESS_COUNTER,
  BATCH_ORDER,
  GUESS_COUNTER,
  INVITER_COUNTER,
  MAIL_LOCK,
  ONE_PENDING,
} from './guards.ts'
import { each, joined, tally } from './looks.ts'
import { type Call, race } from './race.ts'
import { foundGroups, foundOrgs, type Invited, inviteInto, newScenes, type Scene } from './scenes.ts'
import type { Stage } from './stage.ts'

const TWENTY = Array.from({ length: 20 }, (_, number) => number)

export const INVITING_RACES = [
  race({
    name: 'twenty spellings of one address are invited',
    ...{ rounds: 50, callers: 20, guards: [ONE_PENDING] },
    prepare: (stage, rounds) => foundOrgs(stage, rounds, { alice: 'admin' }),
    calls: (org, stage) =>
      TWENTY.map((number) => invites(stage, org, 'alice', { email: spelt(org.who('dana').email, number) })),
    outcome: async (org, answers, stage) => `${tally(answers)}; ${await joined(stage, org)}`,
    serial: ['19 already_invited, 1 invited; 1 members, pending 0/1'],
  }),
  race({
    name: 'twelve Admins mail one address, which gets ten a day',
    ...{ rounds: 50, callers: 12, guards: [ADDRESS_COUNTER] },
    prepare: (stage, rounds) => foundGroups(stage, rounds, 12),
    calls: (orgs, stage) =>
      orgs.map((org) => invites(stage, org, 'alice', { email: `dana.${orgs[0].orgId}@example.com` })),
    outcome: async (_, answers) => tally(answers),
    serial: ['10 invited, 2 rate_limited'],
  }),
  race({
    name: 'an Admin of twelve organisations sends twelve invitations, and may send ten',
    ...{ rounds: 50, callers: 12, guards: [INVITER_COUNTER] },
    prepare: async (stage, rounds) => {
      const groups = await foundGroups(stage, rounds, 12)
      await stage.muster.db.sql
        .insert(members)
        .values(
          groups.flatMap(([{ who }, ...others]) =>
            others.map(
              ({ orgId }) => ({ orgId, userId: who('alice').id, role: 'admin', source: 'created' }) as const,
            ),
          ),
        )
      return groups
    },
    calls: (orgs, stage) =>
      orgs.map((org) => invites(allowingTen(stage), { ...org, who: orgs[0].who }, 'alice', {})),
    outcome: async (_, answers) => tally(answers),
    serial: ['10 invited, 2 rate_limited'],
  }),
  race({
    name: 'twenty wrong codes, of which a minute has ten',
    ...{ rounds: 50, callers: 20, guards: [GUESS_COUNTER] },
    prepare: async (_, rounds) => newScenes(rounds),
    calls: (org) => TWENTY.map(() => guesses(org)),
    outcome: async (_, answers) => tally(answers),
    serial: ['10 invitation_not_found, 10 rate_limited'],
  }),
  race({
    name: 'two batches mail the same addresses in opposite order',
    ...{ rounds: 300, callers: 2, guards: [BATCH_ORDER] },
    prepare: (stage, rounds) => foundGroups(stage, rounds, 2),
    calls: ([one, other], stage) => {
      const addresses = TWENTY.slice(0, 4).map((number) => `dana${number}.${one.orgId}@example.com`)
      return [invitesAll(stage, one, addresses), invitesAll(stage, other, addresses.toReversed())]
    },
    outcome: async (_, answers) => each(answers),
    serial: ['4 invited, 4 invited'],
  }),
  race({
    name: 'an invitation is sent again while its first mail goes out',
    ...{ rounds: 300, callers: 2, guards: [MAIL_LOCK] },
    prepare: async (stage, rounds) =>
      queueMails(
        stage,
        await inviteInto(stage, await foundOrgs(stage, rounds, { alice: 'admin' }), [{ to: 'dana' }]),
      ),
    calls: (org, stage) => [sendsMail(stage, org), resends(stage, org, 'alice')],
    // The first mail's code is dead, so until the second mail goes out there is no code at all.
    outcome: async (org, answers, stage) => `${each(answers)}; ${await codeCount(stage, org)} codes`,
    serial: ['done, done; 0 codes'],
  }),
]

/** The same letters, with some of them upper case. */
function spelt(address: string | null, number: number): string {
  return Array.from(address ?? '', (letter, place) =>
    (number >> (place % 5)) & 1 ? letter.toUpperCase() : letter,
  ).join('')
}

function allowingTen(stage: Stage): Stage {
  const { config } = stage.muster
  const limits = { ...config.limits, invitationsPerTenMinutes: 10 }
  return { ...stage, muster: { ...stage.muster, config: { ...config, limits } } }
}

function guesses({ who }: Scene): Call {
  const mallory = who('mallory')
  return async (db) =>
    countMisses(db, 10, [`caller ${mallory.id}`], async (guesser) => {
      await acceptInvitation(db, mallory, { code: newCode().code, guesser })
      return 'guessed'
    })
}

function invitesAll({ muster: { config } }: Stage, { orgId, who }: Scene, addresses: string[]): Call {
  return async (db) => {
    const results = await inviteBatch(
      db,
      who('alice'),
      { orgId, invitations: addresses.map((email) => ({ email })) },
      config,
    )
    return `${results.filter((result) => 'invitation' in result).length} invited`
  }
}

interface Mailed extends Invited {
  readonly sendingId: string
}

/** Brings invitations to the state in which their mail has not gone out yet. */
async function queueMails({ muster }: Stage, orgs: Invited[]): Promise<Mailed[]> {
  const mailed = orgs.map((org) => ({ ...org, sendingId: uuidv7() }))
  await muster.db.sql.insert(sendings).values(
    mailed.map(({ sendingId, orgId, invitationIds: [invitationId = ''], who }) => ({
      ...{ id: sendingId, orgId, invitationId, email: who('dana').email, resend: false },
    })),
  )
  await muster.db.sql
    .update(invitations)
    .set({ delivery: 'queued' })
    .where(
      inArray(
        invitations.orgId,
        mailed.map(({ orgId }) => orgId),
      ),
    )
  return mailed
}

function sendsMail({ muster: { config } }: Stage, { sendingId }: Mailed): Call {
  const log = pino({ level: 'silent' })
  const { from, smtpUrl } = config.mail
  const mailer = openMailer({ smtpUrl, from, dataDir: config.dataDir }, log)
  const first = { job: { attempts: 1, max_attempts: 25 } as Job, abortSignal: new AbortController().signal }
  return async (db) => {
    await sendInvitation({ db, mailer, log, from, appUrl: config.appUrl }, sendingId, first)
    return 'done'
  }
}

async function codeCount({ muster }: Stage, { orgId }: Scene): Promise<number> {
  return muster.db.sql.$count(invitationCodes, eq(invitationCodes.orgId, orgId))
}
