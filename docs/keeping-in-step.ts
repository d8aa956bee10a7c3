import { readFile, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { Webhook } from 'standardwebhooks'
import type { Event, ProblemCode, Role, SyncMembers } from '../openapi/client.ts'
import { all, Muster, MusterError } from '../openapi/client.ts'

// Keeps a table of who is a member where, in step with Muster; keeping-in-step.md explains it.
//   node docs/keeping-in-step.ts                         follows Muster
//   node docs/keeping-in-step.ts sync <orgId> <file>     makes what is in the file the members of an organisation

type Members = Record<string, Role>

/** In your product these are tables of your database, written in one transaction. */
interface Table {
  /** Everything before it is in `orgs`. */
  readonly cursor: string
  readonly orgs: Record<string, Members>
}

const FILE = process.env.TABLE ?? 'table.json'
const EVERY = Number(process.env.EVERY_SECONDS ?? 30) * 1000
const muster = new Muster({ url: setting('MUSTER_URL'), token: setting('MUSTER_TOKEN') })

const [command, orgId = '', file = ''] = process.argv.slice(2)
if (command === 'sync') await sync(orgId, file)
else await followForEver()

/** The other direction. Nothing is written into the table here: the changes come back by the feed. */
async function sync(orgId: string, file: string): Promise<void> {
  const wanted: SyncMembers = { members: JSON.parse(await readFile(file, 'utf8')) }
  console.log(JSON.stringify(await muster.syncMembers(orgId, wanted)))
}

/** A webhook says that there is something to read, now; the clock finds what no webhook told of. */
async function followForEver(): Promise<void> {
  let bell = Promise.withResolvers<void>()
  listen(() => bell.resolve())
  for (;;) {
    bell = Promise.withResolvers()
    await follow().catch((error) => console.error(String(error)))
    const waiting = new AbortController()
    await Promise.race([bell.promise, pause(EVERY, undefined, waiting).catch(() => {})])
    waiting.abort()
  }
}

/** Reads what has happened since, page by page; each page and the cursor behind it are kept together. */
async function follow(): Promise<void> {
  for (;;) {
    const table = (await load()) ?? (await startOver())
    const page = await muster
      .readFeed({ cursor: table.cursor, limit: 100 })
      .catch(undefinedFor('cursor_expired'))
    if (page?.data.length === 0) return
    if (page === undefined) await startOver()
    else await keep({ orgs: await applied(table.orgs, page.data), cursor: page.next })
  }
}

async function applied(orgs: Table['orgs'], events: readonly Event[]): Promise<Table['orgs']> {
  for (const event of events) await apply(orgs, event)
  return orgs
}

/** Told again, an event changes nothing. */
async function apply(orgs: Table['orgs'], { type, orgId, subject, data }: Event): Promise<void> {
  if (orgId === null) return
  if (type.startsWith('member.') && subject.id.startsWith('erased-')) await readAgain(orgs, orgId)
  else if (type === 'member.added' || type === 'member.role_changed')
    orgs[orgId] = { ...orgs[orgId], [subject.id]: data.role }
  else if (type === 'member.removed' || type === 'member.left') delete orgs[orgId]?.[subject.id]
  else if (type === 'org.deleted') delete orgs[orgId]
  else if (type === 'org.restored') await readAgain(orgs, orgId)
  else return
  console.log(type, orgId, subject.id)
}

/**
 * The members as they are now; what the feed still tells of them leads there again. Also for a pseudonym, which does not
 * say which of the table's members was erased.
 */
async function readAgain(orgs: Table['orgs'], orgId: string): Promise<void> {
  const members = await membersOf(orgId).catch(undefinedFor('org_not_found'))
  if (members) orgs[orgId] = members
  else delete orgs[orgId]
}

async function membersOf(orgId: string): Promise<Members> {
  const members: Members = {}
  for await (const { userId, role } of all((page) => muster.listMembers(orgId, page))) members[userId] = role
  return members
}

function undefinedFor(code: ProblemCode) {
  return (error: unknown) => {
    if (!(error instanceof MusterError && error.code === code)) throw error
    return undefined
  }
}

/** The feed's end before the lists, so that nothing falls between them. */
async function startOver(): Promise<Table> {
  console.log('starting over')
  let page = await muster.readFeed({ limit: 100 })
  while (page.data.length > 0) page = await muster.readFeed({ limit: 100, cursor: page.next })
  const orgs: Table['orgs'] = {}
  for await (const { id } of all((listed) => muster.listOrgs(listed))) await readAgain(orgs, id)
  return keep({ cursor: page.next, orgs })
}

async function load(): Promise<Table | undefined> {
  return JSON.parse(await readFile(FILE, 'utf8').catch(() => 'null')) ?? undefined
}

async function keep(table: Table): Promise<Table> {
  await writeFile(`${FILE}.new`, JSON.stringify(table))
  await rename(`${FILE}.new`, FILE)
  return table
}

/** What the webhook says is not looked at: the feed says the same, in order, once. Hence repeats do no harm. */
function listen(ring: () => void): void {
  const webhook = new Webhook(setting('WEBHOOK_SECRET'))
  createServer(async (request, response) => {
    try {
      webhook.verify(await buffer(request), request.headers as Record<string, string>)
      response.writeHead(204).end()
      ring()
    } catch {
      response.writeHead(400).end()
    }
  }).listen(Number(setting('PORT')), '127.0.0.1')
}

function setting(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set.`)
  return value
}
