// Better Auth with its organization plugin, as its documentation sets it up, without the limits that a bench would
// meet. It is copied to where the package is installed, and runs there; `migrate` makes its tables.

import { createServer } from 'node:http'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { organization } from 'better-auth/plugins'
import pg from 'pg'

const { DATABASE_URL, AUTH_SECRET, PORT } = process.env
const options = {
  baseURL: 'http://127.0.0.1',
  secret: AUTH_SECRET,
  database: new pg.Pool({ connectionString: DATABASE_URL, max: 10 }),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  plugins: [organization({ invitationLimit: 1_000_000, membershipLimit: 1_000_000 })],
}

if (process.argv.includes('migrate')) {
  const { runMigrations } = await getMigrations(options)
  await runMigrations()
  process.exit()
}
createServer(toNodeHandler(betterAuth(options))).listen(Number(PORT), '127.0.0.1')
process.once('SIGTERM', () => process.exit())
