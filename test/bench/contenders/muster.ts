import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { FIRST_TO_ACCEPT, invitedBy, inviteeOf, joinerOf, PREVIEWED } from '../operations.ts'
import { idIn, plantWorld, type Size } from '../world.ts'
import type { Contender } from './contender.ts'
import { countOf, onDatabase } from './durable-postgres.ts'
import { type Server, startServer } from './server.ts'

export interface MusterStart {
  readonly name: string
  /** Folder of a checkout, whose `npm start` is measured. */
  readonly checkout: string
  /** Command that is measured instead. */
  readonly command?: string | undefined
  readonly databaseUrl: string
  readonly secret: string
  /** Folder for its log and mail. */
  readonly folder: string
  readonly env?: Readonly<Record<string, string>>
}

// The bench invites more than any user may.
const LIMITS = [
  ...['RESENDS_PER_MINUTE', 'RESENDS_PER_DAY', 'INVITATIONS_PER_TEN_MINUTES', 'PENDING_PER_ORG'],
  ...['MAILS_PER_ADDRESS_PER_DAY', 'WRONG_CODES_PER_MINUTE'],
]

/** Migrates by the checkout's own command, and plants the world. */
export async function furnishMuster({ checkout, databaseUrl }: MusterStart, size: Size): Promise<void> {
  await promisify(execFile)(process.execPath, [join(checkout, 'src/cli/migrate.ts')], {
    cwd: checkout,
    env: { DATABASE_URL: databaseUrl },
  })
  await onDatabase(databaseUrl, (client) => plantWorld(client, size))
  await plantInvitations(databaseUrl, size, 0, PREVIEWED)
  await onDatabase(databaseUrl, (client) => client.query('vacuum analyze'))
}

/** Starts it as it is shipped: its start command, in production, with its log. */
export function startMuster({
  checkout,
  command,
  databaseUrl,
  secret,
  folder,
  env,
}: MusterStart): Promise<Server> {
  const { scripts } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'))
  mkdirSync(folder, { recursive: true })
  return startServer({
    command: command ?? scripts.start,
    folder: checkout,
    env: {
      ...{ NODE_ENV: 'production', HOST: '127.0.0.1', DATABASE_URL: databaseUrl, JWT_SECRET: secret },
      ...{
        APP_URL: 'https://app.example.com/join',
        SECRETS_KEY: randomBytes(32).toString('hex'),
        MUSTER_DATA_DIR: folder,
      },
      ...Object.fromEntries(LIMITS.map((name) => [`LIMIT_${name}`, '1000000'])),
      ...env,
    },
    log: join(folder, 'log'),
    ready: '/readyz',
  })
}

export function musterContender(
  { name, databaseUrl, secret }: MusterStart,
  server: Server,
  size: Size,
): Contender {
  return {
    name,
    server,
    call: (operation, n) => (operation.name === 'hello' ? undefined : operation.call(n, secret)),
    stock: async (operation, from, number) => {
      if (operation === 'accept') await plantInvitations(databaseUrl, size, FIRST_TO_ACCEPT + from, number)
    },
    kept: async (operation, calls) => {
      if (operation === 'invite')
        return countOf(
          databaseUrl,
          `select count(*) from invitations
          where status = 'pending' and email = any($1) and (delivery <> 'none' or exists (
            select from invitation_codes where invitation_codes.org_id = invitations.org_id
              and invitation_codes.invitation_id = invitations.id))`,
          calls.map(inviteeOf),
        )
      if (operation === 'accept')
        return countOf(
          databaseUrl,
          `select count(*) from members join acceptances using (org_id, user_id)
          where user_id = any($1)`,
          calls.map(joinerOf),
        )
      return undefined
    },
  }
}

/** Plants pending invitations without a mail, one for each organisation in turns. */
async function plantInvitations(
  databaseUrl: string,
  { orgs }: Size,
  from: number,
  count: number,
): Promise<void> {
  const numbers = `generate_series(${from}, ${from + count - 1}) as n`
  const org = idIn(1, `n % ${orgs}`)
  const statements = [
    'set session_replication_role = replica',
    `insert into invitations
      (org_id, id, email, role, expires_in_days, inviter_type, inviter_id, expires_at)
      select ${org}, ${idIn(3, 'n')}, '${invitedBy(from)}' || n || '@example.com', 'member', 7, 'user',
        'p' || n % ${orgs}, now() + interval '7 days' from ${numbers}`,
    `insert into sendings (id, org_id, invitation_id, resend, sent_by)
      select ${idIn(3, 'n')}, ${org}, ${idIn(3, 'n')}, false, 'p' || n % ${orgs} from ${numbers}`,
    `insert into invitation_codes (hash, org_id, invitation_id)
      select sha256(lpad(n::text, 24, '0')::bytea), ${org}, ${idIn(3, 'n')} from ${numbers}`,
  ]
  await onDatabase(databaseUrl, async (client) => {
    for (const statement of statements) await client.query(statement)
  })
}
