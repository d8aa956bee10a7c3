import t from 'tap'
import { tellLongStory } from '../support/long-story.ts'
import { refusalOf } from '../support/receiver.ts'
import { holds, spellings } from '../support/secrets.ts'
import { ECHO, holdsSecret, SECRETS_KEYS } from '../support/webhook-story.ts'

const { codes, problems, statuses, mails, tables, log, secrets, typed, ...webhooks } = await tellLongStory(t)
const { webhookSecrets, receiver, answers } = webhooks

t.test('the story was told, and a code is recognised however it is written', (t) => {
  t.equal(codes.size, 7)
  t.same(
    [200, 201, 400, 401, 403, 404, 409, 410, 500].filter((status) => !statuses.has(status)),
    [],
  )
  for (const code of codes)
    for (const spelling of spellings(code)) t.ok(holds(`before ${spelling} after`, code), spelling)
  for (const { mail } of mails) t.ok([...codes].some((code) => holds(mail.text ?? '', code)))
  t.end()
})

t.test('no table holds a code that can be read', (t) => {
  t.match(tables, 'bob@example.com')
  t.match(tables, 'send-invitation', 'a job that waits')
  for (const code of codes) t.notOk(holds(tables, code), code)
  t.end()
})

t.test('no line of the log holds a code', (t) => {
  for (const told of ['"level":10', '/invitations/{code}/accept', 'internal_error']) t.match(log, told)
  for (const code of codes) t.notOk(holds(log, code), code)
  t.end()
})

t.test('no problem that is answered holds a code', (t) => {
  t.ok(problems.length > 100)
  for (const code of codes) t.notOk(holds(problems.join('\n'), code), code)
  t.end()
})

t.test(
  'no line of the log holds a token, the secret it is signed with, or the password of the database',
  (t) => {
    t.notMatch(log, /eyJ[\w-]{10}/)
    for (const secret of secrets) t.notOk(log.includes(secret))
    t.end()
  },
)

t.test('no line of the log holds what somebody typed, not even when a statement failed with it', (t) => {
  t.match(log, 'insert into')
  t.notMatch(log, typed)
  t.end()
})

t.test('no problem tells of SQL, of a stack or of a file', (t) => {
  t.same(
    problems.filter((problem) =>
      /select |insert |update |\.ts\b|node_modules| at \w+ \(|constraint/.test(problem),
    ),
    [],
  )
  t.end()
})

t.test('webhooks were told of, and a secret of theirs is recognised however it is written', (t) => {
  t.equal(webhookSecrets.size, 3)
  t.ok(receiver.received.length > 6, `${receiver.received.length} requests`)
  // What was sent before the first rotation is signed with the first secret alone.
  const [first = '', second = ''] = webhookSecrets
  const unsigned = receiver.received.filter((arrival) =>
    [first, second].every((secret) => refusalOf(arrival, secret)),
  )
  t.same(unsigned, [], 'they sign')
  t.match(log, 'a webhook was not called')
  t.match(log, '/rotate-secret')
  for (const told of [
    /"responseStatus":302/,
    /"failure":"connection_failed"/,
    /"disabledReason":"requested"/,
  ])
    t.match(answers.join(), told)
  for (const secret of [...webhookSecrets, ...SECRETS_KEYS]) {
    const bytes = Buffer.from(secret.replace('whsec_', ''), secret.startsWith('whsec_') ? 'base64' : 'hex')
    for (const encoding of ['hex', 'base64', 'base64url', 'latin1'] as const)
      for (const one of [bytes, Buffer.from(secret)])
        t.ok(holdsSecret(`before ${one.toString(encoding)} after`, secret), encoding)
    t.ok(holdsSecret(encodeURIComponent(secret), secret))
    t.notOk(holdsSecret(`whsec_ ${bytes.subarray(0, 4).toString('base64')}`, secret))
  }
  t.end()
})

t.test('no table, no line of the log, no problem and no other answer holds a secret of a webhook', (t) => {
  for (const [where, text] of Object.entries({
    tables,
    log,
    problems: problems.join('\n'),
    answers: answers.join('\n'),
  }))
    for (const secret of [...webhookSecrets, ...SECRETS_KEYS]) t.notOk(holdsSecret(text, secret), where)
  t.end()
})

t.test('nothing is kept or told of what an endpoint says', (t) => {
  for (const text of [tables, log, problems.join('\n'), answers.join('\n')]) t.notMatch(text, ECHO)
  t.notMatch(log, 'of-theirs', 'nor where it is')
  for (const { headers } of receiver.received) {
    const [, signature = 'none'] = headers['webhook-signature']?.split(/[, ]/) ?? []
    for (const text of [tables, log]) t.notOk(text.includes(signature))
  }
  t.end()
})
