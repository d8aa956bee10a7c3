import { once } from 'node:events'
import { connect } from 'node:net'
import { Client } from 'pg'
import type { Test } from 'tap'
import { until } from '../jobs/scene.ts'
import { claims, token } from './keys.ts'
import { cloneDatabase } from './postgres.ts'
import { startProcess } from './process.ts'
import { dumpOf, spellings } from './secrets.ts'
import { type Smtp, startSmtp } from './smtp.ts'
import { tellOfWebhooks, WEBHOOK_ENV } from './webhook-story.ts'

const SECRET = 'a secret for this story, long enough and of no worth'
const TYPED = 'what-somebody-typed'
const PLACES = '/invitations/ //invitations/ /Invitations/ /invitation/ / /orgs/ /docs/'.split(' ')
const ENDS = ['', '/', '/accept', '/accept/', '/nothing', '%zz', '%2Faccept']

/** Runs the whole service at its most talkative, and collects what it handed out, answered, kept and logged. */
export async function tellLongStory(t: Pick<Test, 'teardown' | 'testdir'>) {
  const smtp = await startSmtp(t)
  const databaseUrl = await cloneDatabase(t)
  const database = new Client({ connectionString: databaseUrl })
  await database.connect()
  t.teardown(() => database.end())
  const muster = startProcess(t, {
    DATABASE_URL: databaseUrl,
    MUSTER_DATA_DIR: t.testdir(),
    SMTP_URL: smtp.url,
    JWT_SECRET: SECRET,
    LOG_LEVEL: 'trace',
    LIMIT_WRONG_CODES_PER_MINUTE: '10000',
    ...WEBHOOK_ENV,
  })
  const notes: Notes = { codes: new Set(), problems: [], statuses: new Set() }
  const call = callerOf(await muster.url, notes)
  const org = await call('alice', 'POST', '/orgs', { name: 'Acme' })
  const story: Story = {
    ...notes,
    call,
    smtp,
    database,
    url: await muster.url,
    path: `/orgs/${org.id}/invitations`,
  }

  await handOut(story)
  await useAll(story)
  await sayEverywhere(story)
  await breakTheDatabase(story)
  const webhooks = await tellOfWebhooks(t, story)
  await leaveWorkBehind(story)

  const tables = await dumpOf(database)
  muster.kill('SIGTERM')
  const { stdout, stderr } = await muster.ended
  const secrets = [SECRET, `:${new URL(databaseUrl).password}@`]
  return { ...notes, ...webhooks, mails: smtp.received, tables, log: stdout + stderr, secrets, typed: TYPED }
}

interface Notes {
  readonly codes: Set<string>
  readonly problems: string[]
  readonly statuses: Set<number>
}

interface Story extends Notes {
  readonly call: ReturnType<typeof callerOf>
  readonly smtp: Smtp
  readonly database: Client
  readonly url: string
  /** Path of the invitations of Alice's organisation. */
  readonly path: string
}

/** Notes each problem, and each code that an answer hands out. */
function callerOf(url: string, { codes, problems, statuses }: Notes) {
  return async (
    who: string,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const identity =
      who === 'backend'
        ? { sub: who, scope: 'muster:write' }
        : { sub: who, email: `${who}@example.com`, email_verified: true }
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token(SECRET, { alg: 'HS256', typ: 'JWT' }, claims(identity))}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    statuses.add(response.status)
    if (!response.ok) problems.push(text, JSON.stringify([...response.headers]))
    const answer = text === '' ? {} : JSON.parse(text)
    for (const { invitation = {} } of answer.results ?? [{ invitation: answer }])
      if (response.ok && invitation.acceptUrl) codes.add(invitation.code)
    return answer
  }
}

/** Hands out codes in answers, mails, resends, a batch, and an answer kept for its Idempotency-Key. */
async function handOut({ call, path, smtp, codes }: Story): Promise<void> {
  const open = await call('alice', 'POST', path, { maxUses: 3 })
  await call('alice', 'POST', `${path}/${open.id}/resend`)
  const key = { 'idempotency-key': 'for a code' }
  for (let times = 0; times < 2; times++)
    await call('alice', 'POST', path, { email: 'carol@example.com', notify: false }, key)
  const batch = { invitations: [{}, { email: 'dave@example.com', notify: false }] }
  await call('alice', 'POST', `${path}/batch`, batch, key)

  const mailed = await call('alice', 'POST', path, { email: 'bob@example.com', message: 'Hi' })
  await smtp.arrived(1)
  await call('alice', 'POST', `${path}/${mailed.id}/resend`)
  for (const { mail } of await smtp.arrived(2))
    codes.add(/#code=([0-9A-Z-]{29})/.exec(mail.text ?? '')?.[1] ?? 'no code in the mail')
}

/** Lets every caller look, decline and accept with every code, right or wrong, dead or alive. */
async function useAll({ call, codes }: Story): Promise<void> {
  for (const code of codes)
    for (const who of ['bob', 'carol', 'dave']) {
      const key = { 'idempotency-key': code }
      await call(who, 'GET', `/invitations/${code}`)
      await call(who, 'POST', `/invitations/${code}/decline`, who === 'dave' ? {} : { unknown: code })
      await call(who, 'POST', `/invitations/${code.toLowerCase()}/accept`, undefined, key)
    }
}

/** Puts codes where they do not belong: other routes, methods, queries, headers, bodies and malformed URLs. */
async function sayEverywhere({ call, codes, path, url }: Story): Promise<void> {
  const [code = ''] = codes
  for (const spelling of spellings(code).map(encodeURIComponent)) {
    for (const place of [...PLACES, `${path}/`])
      for (const end of ENDS) await call('erin', 'GET', place + spelling + end)
    await call('erin', 'DELETE', `/invitations/${spelling}`)
    await call('erin', 'GET', `/invitations?code=${spelling}&cursor=${spelling}`)
    await call('alice', 'GET', `${path}?cursor=${spelling}`)
  }
  await call('alice', 'POST', path, { code, role: code })
  await call('alice', 'POST', `${path}/${code}/resend`, undefined, {
    'if-match': code,
    referer: `https://x.io/#${code}`,
  })
  await call('alice', 'GET', '/me', undefined, {
    authorization: `Bearer ${code}`,
    'user-agent': code,
    'x-request-id': code,
  })
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.end(`GET /invitations/${code} HTTP/1.1\r\nhost: x\r\nbad header: ${code}\r\n\r\n`).resume()
  await once(socket, 'close')
}

/** Hides a table and adds an unexpected constraint: neither is the caller's error, so 500 with a stack in the log. */
async function breakTheDatabase({ call, codes, path, database }: Story): Promise<void> {
  const [code = ''] = codes
  await database.query('alter table invitation_codes rename to elsewhere')
  await call('bob', 'GET', `/invitations/${code}`)
  await call('bob', 'POST', `/invitations/${code}/accept`)
  await call('alice', 'POST', path, { message: 'no table' })
  await database.query('alter table elsewhere rename to invitation_codes')

  await database.query("alter table invitations add constraint unexpected check (message <> 'odd') not valid")
  const odd = { email: `${TYPED}@example.com`, message: 'odd', metadata: { note: TYPED } }
  await call('alice', 'POST', path, odd)
  await database.query('alter table invitations drop constraint unexpected')
}

/** Lets a mail fail, so that its job and the job's error stay in the database to be read. */
async function leaveWorkBehind({ call, path, smtp, database }: Story): Promise<void> {
  await smtp.stop()
  await call('alice', 'POST', path, { email: 'frank@example.com' })
  const failed =
    "select from graphile_worker.jobs where task_identifier = 'send-invitation' and last_error is not null"
  await until('it has failed', async () => (await database.query(failed)).rowCount !== 0)
}
