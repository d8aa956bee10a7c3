import t from 'tap'
import { tellLongStory } from '../support/long-story.ts'
import { holds, spellings } from '../support/secrets.ts'

const { codes, problems, statuses, mails, tables, log, secrets, typed } = await tellLongStory(t)

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
