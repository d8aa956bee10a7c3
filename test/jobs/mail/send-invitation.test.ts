import { sql } from 'drizzle-orm'
import t from 'tap'
import { deleteOrg } from '../../../src/domain/orgs/delete.ts'
import { startSmtp } from '../../support/smtp.ts'
import { codeIn, codesIn, openScene, person, until } from '../scene.ts'

t.test('an invitation arrives once, and its code lets the invited in', async (t) => {
  const smtp = await startSmtp(t)
  const scene = await openScene(t, { smtpUrl: smtp.url })
  await scene.work()
  const invitation = await scene.invite('bob@example.com', 'Come\nin!')
  const [received] = await smtp.arrived(1)
  t.match(received, {
    from: 'no-reply@mail.example.com',
    to: ['bob@example.com'],
    mail: {
      from: { name: 'Acme App', address: 'no-reply@mail.example.com' },
      to: [{ name: '', address: 'bob@example.com' }],
      subject: 'Alice invites you to join Acme',
      messageId: /^<[0-9a-f-]{36}@mail\.example\.com>$/,
    },
  })
  await until('it is marked as sent', async () => (await scene.read(invitation)).delivery === 'sent')
  const sent = await scene.read(invitation)
  t.equal(sent.version, invitation.version, 'sending is no change that a caller would have to know of')
  t.ok(sent.lastSentAt)
  await until('the job is gone', async () => (await scene.jobs()).length === 0)
  const { membership } = await scene.accept(codeIn(received?.mail ?? {}), person('Bob'))
  t.match(membership, { orgId: scene.org.id, role: 'member' })
  t.equal(smtp.received.length, 1)
})

t.test('a mail server that is down delays the mail, and then it arrives once', async (t) => {
  const smtp = await startSmtp(t)
  await smtp.stop()
  const scene = await openScene(t, { smtpUrl: smtp.url })
  await scene.work()
  const invitation = await scene.invite('bob@example.com')
  await until('a first try failed', async () => (await scene.jobs())[0]?.last_error != null)
  t.match(await scene.jobs(), [{ attempts: 1, last_error: /ECONNREFUSED/ }])
  t.equal((await scene.read(invitation)).delivery, 'queued')

  await smtp.start()
  await scene.hurry()
  const received = await smtp.arrived(1)
  await until('the job is gone', async () => (await scene.jobs()).length === 0)
  t.equal(received.length, 1)
  t.equal((await scene.read(invitation)).delivery, 'sent')
  t.match(await scene.preview(codesIn(received)[0] ?? ''), { id: invitation.id })
})

t.test('a mail that the server says "later" to is tried again', async (t) => {
  const smtp = await startSmtp(t)
  smtp.answer = { refuse: 'recipient', code: 451, text: '4.7.1 greylisted' }
  const scene = await openScene(t, { smtpUrl: smtp.url })
  await scene.work()
  const invitation = await scene.invite('bob@example.com')
  await until('a first try failed', async () => (await scene.jobs())[0]?.last_error != null)
  t.match(await scene.jobs(), [{ last_error: 'the mail did not go: EENVELOPE RCPT TO 451 4.7.1' }])
  smtp.answer = 'take'
  await scene.hurry()
  await until('it is sent', async () => (await scene.read(invitation)).delivery === 'sent')
  t.equal(smtp.received.length, 1)
})

t.test(
  'when the answer is lost, the mail goes again under the same name, and both codes open it',
  async (t) => {
    const smtp = await startSmtp(t)
    smtp.answer = 'drop'
    const scene = await openScene(t, { smtpUrl: smtp.url })
    const worker = await scene.work()
    const invitation = await scene.invite('bob@example.com')
    await until('a first try failed', async () => (await scene.jobs())[0]?.last_error != null)
    await worker.stop()
    const before = smtp.received.length
    smtp.answer = 'take'
    await scene.work()
    await scene.hurry()
    const received = await smtp.arrived(before + 1)
    t.equal(new Set(received.map(({ mail }) => mail.messageId)).size, 1)
    const codes = new Set(codesIn(received))
    t.equal(codes.size, 2)
    for (const code of codes) t.match(await scene.preview(code), { id: invitation.id })
  },
)

t.test('a job that died after its mail was marked as sent does not send it again', async (t) => {
  const smtp = await startSmtp(t)
  const scene = await openScene(t, { smtpUrl: smtp.url })
  await scene.work()
  const invitation = await scene.invite('bob@example.com')
  await until('it is sent', async () => (await scene.read(invitation)).delivery === 'sent')
  await scene.db.sql.execute(sql`select graphile_worker.add_job('send-invitation',
    (select json_build_object('sendingId', id) from sendings))`)
  await until('the job is gone', async () => (await scene.jobs()).length === 0)
  t.equal(smtp.received.length, 1)
  t.equal((await scene.read(invitation)).delivery, 'sent')
})

t.test('a resend kills the code of the mail before', async (t) => {
  const smtp = await startSmtp(t)
  const scene = await openScene(t, { smtpUrl: smtp.url })
  await scene.work()
  const invitation = await scene.invite('bob@example.com')
  await until('it is sent', async () => (await scene.read(invitation)).delivery === 'sent')
  t.equal((await scene.resend(invitation)).delivery, 'queued')
  const [old = '', fresh = ''] = codesIn(await smtp.arrived(2))
  await t.rejects(scene.preview(old), { code: 'invitation_not_found' })
  t.match(await scene.preview(fresh), { id: invitation.id })
  const [first, second] = smtp.received
  t.not(first?.mail.messageId, second?.mail.messageId, 'it is another mail')
})

t.test('a mail that was replaced while it waited is never sent', async (t) => {
  const smtp = await startSmtp(t)
  const scene = await openScene(t, { smtpUrl: smtp.url })
  const invitation = await scene.invite('bob@example.com')
  await scene.resend(invitation)
  await scene.resend(invitation)
  t.equal((await scene.jobs()).length, 3)
  await scene.work()
  await until('all jobs are done', async () => (await scene.jobs()).length === 0)
  t.equal(smtp.received.length, 1)
  t.match(await scene.preview(codesIn(smtp.received)[0] ?? ''), { id: invitation.id })
  t.equal((await scene.read(invitation)).delivery, 'sent')
})

t.test(
  'a mail that is replaced while it is being sent is dead, and says nothing of the new one',
  async (t) => {
    const smtp = await startSmtp(t)
    const { promise: resent, resolve: goOn } = Promise.withResolvers<void>()
    smtp.answer = resent
    const scene = await openScene(t, { smtpUrl: smtp.url })
    await scene.work()
    const invitation = await scene.invite('bob@example.com')
    const [old = ''] = codesIn(await smtp.arrived(1))
    smtp.answer = { refuse: 'recipient', code: 451 }
    await scene.resend(invitation)
    goOn()
    await until('the old job is gone', async () => (await scene.jobs()).length === 1)
    t.match(await scene.read(invitation), { delivery: 'queued', lastSentAt: null })
    await t.rejects(scene.preview(old), { code: 'invitation_not_found' })
  },
)

t.test('nothing is sent of what nobody could join by any more', async (t) => {
  const smtp = await startSmtp(t)
  const scene = await openScene(t, { smtpUrl: smtp.url })
  const revoked = await scene.invite('revoked@example.com')
  const accepted = await scene.invite('accepted@example.com')
  const lapsed = await scene.invite('lapsed@example.com')
  await scene.revoke(revoked)
  await scene.accept(accepted.id, person('Accepted'))
  await scene.db.sql.execute(sql`update invitations set expires_at = now() where id = ${lapsed.id}`)
  await scene.work()
  await until('all jobs are done', async () => (await scene.jobs()).length === 0)
  t.equal(smtp.received.length, 0)
  t.equal((await scene.read(revoked)).delivery, 'none')
  t.equal((await scene.read(accepted)).delivery, 'none')
  t.equal((await scene.read(lapsed)).delivery, 'failed')
  t.match(await scene.resend(lapsed), { delivery: 'queued' }, 'so that sending it again sends a mail')
  await smtp.arrived(1)
})

t.test('nothing is sent for an organisation that has been deleted', async (t) => {
  const smtp = await startSmtp(t)
  const scene = await openScene(t, { smtpUrl: smtp.url })
  await scene.invite('bob@example.com')
  await deleteOrg(scene.db, scene.alice, { orgId: scene.org.id, confirm: 'Acme' })
  await scene.work()
  await until('all jobs are done', async () => (await scene.jobs()).length === 0)
  t.equal(smtp.received.length, 0)
})

for (const refuse of ['recipient', 'message'] as const)
  t.test(`a ${refuse} that the server refuses for good is given up at once`, async (t) => {
    const smtp = await startSmtp(t)
    smtp.answer = { refuse, code: 550, text: '5.1.1 no such mailbox' }
    const scene = await openScene(t, { smtpUrl: smtp.url })
    await scene.work()
    const invitation = await scene.invite('nobody@example.com')
    await until('it failed', async () => (await scene.read(invitation)).delivery === 'failed')
    await until('the job is gone', async () => (await scene.jobs()).length === 0)
    t.match(await scene.read(invitation), {
      status: 'pending',
      lastSentAt: null,
      version: invitation.version,
    })

    smtp.answer = 'take'
    await scene.resend(invitation)
    await until('it is sent', async () => (await scene.read(invitation)).delivery === 'sent')
  })

t.test('a sender that the server refuses is not the fault of the mail: it waits', async (t) => {
  const smtp = await startSmtp(t)
  smtp.answer = { refuse: 'sender', code: 530, text: '5.7.0 authenticate first' }
  const scene = await openScene(t, { smtpUrl: smtp.url })
  await scene.work()
  const invitation = await scene.invite('bob@example.com')
  await until('a first try failed', async () => (await scene.jobs())[0]?.last_error != null)
  t.equal((await scene.read(invitation)).delivery, 'queued')
})

t.test('when the last try fails too, the invitation says so', async (t) => {
  const smtp = await startSmtp(t)
  await smtp.stop()
  const scene = await openScene(t, { smtpUrl: smtp.url })
  const invitation = await scene.invite('bob@example.com')
  await scene.db.sql.execute(sql`select graphile_worker.reschedule_jobs(
    array(select id from graphile_worker.jobs where task_identifier = 'send-invitation'), attempts => 24)`)
  await scene.work()
  await until('it failed', async () => (await scene.read(invitation)).delivery === 'failed')
  await until('the job is gone', async () => (await scene.jobs()).length === 0)
})
