import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { buildApp } from '../app.ts'
import { loadConfig } from '../config.ts'
import { openDatabase } from '../db/client.ts'

// Writes the document that `/openapi.json` serves, or into another file if one is named.
const [file = 'openapi/openapi.json'] = process.argv.slice(2)
await mkdir(dirname(file), { recursive: true })
await writeFile(file, `${JSON.stringify(await document(), null, 2)}\n`)

/** The routes are registered and never called, so the pool never connects and the secret verifies nothing. */
async function document(): Promise<object> {
  const config = loadConfig({ JWT_SECRET: randomBytes(32).toString('hex'), LOG_LEVEL: 'silent' })
  const db = openDatabase('postgres://localhost', 1)
  const app = await buildApp({ db, config })
  await app.ready()
  const described = app.swagger()
  await app.close()
  await db.close()
  return described
}
