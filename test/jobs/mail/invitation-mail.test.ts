import t from 'tap'
import { type InvitationMail, invitationMail } from '../../../src/jobs/mail/invitation-mail.ts'

const CODE = '7K3M-Q2ZV-8RTN-4XWD-H5PA-9CJE'

const INVITATION: InvitationMail = {
  product: 'Acme App',
  orgName: 'Räder & Söhne',
  inviterName: 'Alice',
  role: 'accounting',
  message: 'Hi Bob,\r\n\r\nsee you "soon"',
  code: CODE,
  acceptUrl: `https://app.example.com/join?a=1&b=2#code=${CODE}`,
  expiresAt: new Date('2026-03-01T23:05:00Z'),
}

t.test('the text tells who invites to what, as what, until when, and how', async (t) => {
  const { subject, text } = invitationMail(INVITATION)
  t.equal(subject, 'Alice invites you to join Räder & Söhne')
  t.equal(
    text,
    `Alice would like you to join Räder & Söhne on Acme App with the Accounting role.

A message from Alice:
> Hi Bob,
> 
> see you "soon"

Accept the invitation:
https://app.example.com/join?a=1&b=2#code=${CODE}

Or type this code where you are asked for one:
${CODE}

The invitation is open until Sunday, 1 March 2026 at 23:05 UTC.

If you did not expect this, ignore it: nothing happens unless you accept.
`,
  )
})

t.test('the HTML tells the same', async (t) => {
  const mail = invitationMail(INVITATION)
  const html = shown(mail.html)
  const sentences = mail.text.split(/\n+/).map((line) => line.replace(/^> ?|:$/g, ''))
  for (const sentence of sentences) t.ok(html.includes(sentence), sentence)
})

t.test('HTML has the link as a button and in full, a language, and nothing from elsewhere', async (t) => {
  const { html } = invitationMail(INVITATION)
  const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, link]) => link)
  const link = `https://app.example.com/join?a=1&amp;b=2#code=${CODE}`
  t.same(links, [link, link])
  t.match(html, '<html lang="en">')
  t.notMatch(html, /<img|<link|<script|@import|url\(|\ssrc=/)
})

t.test('without a name or a message it still reads well', async (t) => {
  const { subject, text } = invitationMail({
    ...INVITATION,
    product: '',
    inviterName: null,
    role: 'member',
    message: '  \n ',
  })
  t.equal(subject, 'You are invited to join Räder & Söhne')
  t.match(text, /^Somebody would like you to join Räder & Söhne as a Member\.\n\nAccept the invitation:\n/)
  t.match(invitationMail({ ...INVITATION, role: 'admin' }).text, 'as an Admin.')
})

t.test('markup that somebody typed stays text', async (t) => {
  const typed = `<script>alert('1')</script><img src=x onerror="alert(2)">&lt;b&gt;`
  const invitation = { ...INVITATION, orgName: typed, inviterName: typed, message: typed, product: typed }
  const { html, text } = invitationMail(invitation)
  const plain = invitationMail(INVITATION).html
  t.same(tagsOf(html), tagsOf(plain), 'not one tag or attribute more')
  t.ok(shown(html).includes(typed), 'and it is shown as it was typed')
  t.ok(text.includes(typed))
})

t.test('a name stands on one line, and cannot turn or hide what stands around it', async (t) => {
  const orgName = ' A\u202Ecme\u2066\r\nBcc: eve@example.com\u0000\t\u2028\u200B\uFEFF Inc\u007F '
  const { subject, html } = invitationMail({ ...INVITATION, orgName })
  t.equal(subject, 'Alice invites you to join Acme Bcc: eve@example.com Inc')
  t.notMatch(html, /[\u202A-\u202E\u2066-\u2069]/)
  t.notOk(html.includes('\u0000'))
})

t.test('a name of controls alone does not leave a gap', async (t) => {
  const { subject } = invitationMail({ ...INVITATION, orgName: '\u202E\u200B', inviterName: '\u2066' })
  t.equal(subject, 'You are invited to join an organisation')
})

t.test('a long name is cut between characters', async (t) => {
  const family = '👨‍👩‍👧‍👦'
  const { subject } = invitationMail({ ...INVITATION, orgName: family.repeat(50) })
  t.equal(subject, `Alice invites you to join ${family.repeat(9)}…`)
})

t.test('a message keeps its lines, and none can look like the end of the quotation', async (t) => {
  const message = 'one\ntwo\rthree\u2028four\u202E\u0007\n\nAccept the invitation:\nhttps://evil.example.com'
  const { text, html } = invitationMail({ ...INVITATION, message })
  t.match(
    text,
    '> one\n> two\n> three\n> four \n> \n> Accept the invitation:\n> https://evil.example.com\n\nAccept the invitation:\n',
  )
  t.notMatch(html, 'href="https://evil')
})

function tagsOf(html: string): string[] {
  return [...html.matchAll(/<(?!br>)[^>]*>/g)].map(([tag]) => tag)
}

/** What a reader sees, roughly. */
function shown(html: string): string {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
  return html
    .replace(/<style>.*?<\/style>|<[^>]*>/gs, '')
    .replace(/&([#\w]+);/g, (whole, name) => entities[name] ?? whole)
}
