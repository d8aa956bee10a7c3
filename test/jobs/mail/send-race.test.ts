import { sql } from 'drizzle-orm'
import type { Job } from 'graphile-worker'
import { pino } from 'pino'
import t from 'tap'
import { openMailer } from '../../../src/jobs/mail/mailer.ts'
import { sendInvitation } from '../../../src/jobs/mail/send-invitation.ts'
import { APP_URL, openScene } from '../scene.ts'

const ROUNDS = 300

// Red without lockInvitationOfSending in `prepare`: the job reads that its mail is due, the resend deletes all codes
// and commits, and then the job puts its own among them. Red without it in `markLocked`: the old mail is still the
// newest in the statement's snapshot, and says "sent" of the new one.
t.test('no code of an old mail outlives a resend that happens at the same time', async (t) => {
  const scene = await openScene(t)
  const log = pino({ level: 'silent' })
  const from = { name: '', address: 'no-reply@mail.example.com' }
  const mailer = openMailer({ smtpUrl: null, dataDir: t.testdir({}), from }, log)
  const deps = { db: scene.db, mailer, appUrl: APP_URL, from, log }
  const attempt = {
    job: { attempts: 1, max_attempts: 25 } as Job,
    abortSignal: new AbortController().signal,
  }
  let outlived = 0
  let sent = 0
  for (let round = 0; round < ROUNDS; round++) {
    const invitation = await scene.invite(`person${round}@example.com`)
    const { rows } = await scene.db.sql.execute<{ id: string }>(
      sql`select id from sendings where invitation_id = ${invitation.id}`,
    )
    await Promise.all([sendInvitation(deps, rows[0]?.id ?? '', attempt), scene.resend(invitation)])
    const after = await scene.db.sql.execute<{ codes: number; sent: number }>(sql`select
      (select count(*)::int from invitation_codes where invitation_id = ${invitation.id}) as codes,
      (select count(sent_at)::int from sendings where invitation_id = ${invitation.id}) as sent`)
    outlived += after.rows[0]?.codes ?? 0
    sent += after.rows[0]?.sent ?? 0
    const { delivery } = await scene.read(invitation)
    if (delivery !== 'queued') t.fail(`the new mail is ${delivery} before it was sent`)
  }
  t.equal(outlived, 0)
  t.comment(`${sent} of ${ROUNDS} mails went before their resend`)
})
