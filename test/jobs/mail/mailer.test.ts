import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import PostalMime from 'postal-mime'
import t from 'tap'
import { invitationMail } from '../../../src/jobs/mail/invitation-mail.ts'
import { type Mail, MailError, openMailer } from '../../../src/jobs/mail/mailer.ts'
import { startSmtp } from '../../support/smtp.ts'
import { codeIn, openScene, person, until } from '../scene.ts'

const silent = pino({ level: 'silent' })
const from = { name: 'Acme "App", Inc. <x@y.z>', address: 'no-reply@mail.example.com' }

const MAIL: Mail = {
  id: '0198c1d2-0000-7000-8000-000000000001',
  createdAt: new Date('2026-01-02T03:04:05.678Z'),
  to: 'bob@example.com',
  subject: 'Hello',
  text: 'Hello\n.\n..Bob\n',
  html: '<p>Hello</p>',
}

t.test('a mail is text and HTML, says that a machine sent it, and has no header too many', async (t) => {
  const smtp = await startSmtp(t)
  const mailer = openMailer({ smtpUrl: smtp.url, dataDir: '', from }, silent)
  t.teardown(() => mailer.close())
  await mailer.send(MAIL)
  const [received] = await smtp.arrived(1)
  t.same(headersOf(received?.source), [
    'auto-submitted',
    'content-type',
    'date',
    'from',
    'message-id',
    'mime-version',
    'subject',
    'to',
  ])
  t.match(received?.mail, {
    from: { ...from },
    messageId: '<0198c1d2-0000-7000-8000-000000000001@mail.example.com>',
    text: MAIL.text,
    html: /<p>Hello<\/p>/,
    headers: [{ key: 'auto-submitted', value: 'auto-generated' }],
  })
  const age = Date.now() - Date.parse(received?.mail.date ?? '')
  t.ok(age > -2_000 && age < 30_000, 'the date is now')
})

t.test('whatever somebody is called arrives as it is, in the subject and nowhere else', async (t) => {
  const smtp = await startSmtp(t)
  const mailer = openMailer({ smtpUrl: smtp.url, dataDir: '', from }, silent)
  t.teardown(() => mailer.close())
  const names = [
    '=?utf-8?q?Bcc:=20eve@example.com?=',
    '=?utf-8?B?DQpCY2M6IGV2ZUBleGFtcGxlLmNvbQ==?= =?utf-8?q?=0D=0A?=',
    'a =?utf-8?Q?b c?= d',
    '"; \\ , : < > ( ) @ "',
    'eve@example.com, mallory@example.com',
    'Ünïcode 名前 👨‍👩‍👧‍👦 עברית',
    'x'.repeat(100),
    '名'.repeat(100),
    '%0d%0aBcc: eve@example.com',
    '/etc/passwd',
  ]
  for (const orgName of names) {
    const content = invitationMail({
      product: '',
      orgName,
      inviterName: null,
      role: 'member',
      message: orgName,
      code: 'CODE',
      acceptUrl: 'https://app.example.com/join#code=CODE',
      expiresAt: new Date(),
    })
    await mailer.send({ ...MAIL, ...content })
    const received = (await smtp.arrived(1)).at(-1)
    t.equal(received?.mail.subject, `You are invited to join ${orgName}`)
    t.same(received?.to, ['bob@example.com'])
    t.equal(headersOf(received?.source).length, 8)
    t.ok(received?.mail.text?.includes(`> ${orgName}`))
  }
})

t.test('an address is never read as two, nor as a header', async (t) => {
  const smtp = await startSmtp(t)
  const mailer = openMailer({ smtpUrl: smtp.url, dataDir: '', from }, silent)
  t.teardown(() => mailer.close())
  const addresses = [
    'bob@example.com, eve@example.com',
    'bob@example.com\r\nBcc: eve@example.com',
    'Eve <eve@example.com>',
  ]
  for (const to of addresses) await mailer.send({ ...MAIL, to }).catch((error) => t.type(error, MailError))
  for (const { to, mail } of smtp.received) {
    t.equal(to.length, 1)
    t.not(to[0], 'eve@example.com')
    t.notOk(mail.bcc)
  }
})

t.test('a file or an address on the web is never fetched into a mail', async (t) => {
  const smtp = await startSmtp(t)
  const mailer = openMailer({ smtpUrl: smtp.url, dataDir: '', from }, silent)
  t.teardown(() => mailer.close())
  const asFile = { path: join(import.meta.dirname, 'mailer.test.ts') } as unknown as string
  await t.rejects(mailer.send({ ...MAIL, text: asFile }), { message: /EFILEACCESS/ })
  t.equal(smtp.received.length, 0)
})

t.test('without a mail server the mail is a file that a mail program opens', async (t) => {
  const dataDir = t.testdir({})
  const scene = await openScene(t, { dataDir })
  await scene.work()
  const invitation = await scene.invite('bob@example.com', 'Hi – ünïcode!\nsecond line')
  await until('it is sent', async () => (await scene.read(invitation)).delivery === 'sent')

  const [name = '', ...others] = await readdir(join(dataDir, 'mail'))
  t.same(others, [])
  t.match(name, /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z-[0-9a-f-]{36}\.eml$/)
  const file = join(dataDir, 'mail', name)
  t.equal((await stat(file)).mode & 0o777, 0o600, 'nobody else may read it')
  const source = await readFile(file, 'utf8')
  t.notMatch(source, /[^\r]\n|\r[^\n]/, 'every line ends as RFC 5322 wants it')
  t.ok(source.split('\r\n').every((line) => Buffer.byteLength(line) <= 998))

  const mail = await PostalMime.parse(source)
  t.match(mail, { to: [{ address: 'bob@example.com' }], subject: 'Alice invites you to join Acme' })
  t.match(await scene.accept(codeIn(mail), person('Bob')), { joined: true })
  const line = scene.log.find((entry) => entry.includes('.eml'))
  t.match(JSON.parse(line ?? '{}'), { level: 30, file }, 'the log says where it is')
  t.notOk(scene.log.some((entry) => entry.includes(codeIn(mail))))
})

t.test('a mail that is written again takes the place of its file', async (t) => {
  const dataDir = t.testdir({})
  const mailer = openMailer({ smtpUrl: null, dataDir, from }, silent)
  await mailer.send(MAIL)
  await mailer.send({ ...MAIL, text: 'another code' })
  const files = await readdir(join(dataDir, 'mail'))
  t.same(files, ['2026-01-02T03-04-05.678Z-0198c1d2-0000-7000-8000-000000000001.eml'])
  t.match(await readFile(join(dataDir, 'mail', files[0] ?? ''), 'utf8'), 'another code')
})

function headersOf(source = ''): string[] {
  const [head = ''] = source.split('\r\n\r\n')
  return [...head.matchAll(/^([\w-]+):/gm)].map(([, name = '']) => name.toLowerCase()).sort()
}
