import { randomBytes } from 'node:crypto'
import t from 'tap'
import { findChromium, openBrowser } from '../support/chromium.ts'
import { claims, token } from '../support/keys.ts'
import { startMuster } from '../support/muster.ts'

const SECRET = randomBytes(32).toString('hex')
const ALICE = token(SECRET, { alg: 'HS256' }, claims({ sub: 'alice' }))
const chromium = findChromium()

t.test(
  'an operator authorizes in Swagger UI, tries GET /orgs out, and sees the organisation',
  { skip: chromium ? false : 'no Chromium on this machine' },
  async (t) => {
    const { url } = await startMuster(t, { JWT_SECRET: SECRET })
    await fetch(`${url}/orgs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ALICE}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Acme & Söhne' }),
    })

    // By a name, as on a company's network: what a browser grants to localhost over plain HTTP must not be needed.
    const origin = url.replace('127.0.0.1', 'muster.example')
    const browser = await openBrowser(t, chromium, 'MAP muster.example 127.0.0.1')
    const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } })
    const complaints: string[] = []
    const origins = new Set<string>()
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => {
      if (!request.url().startsWith('data:')) origins.add(new URL(request.url()).origin)
    })

    await page.goto(`${origin}/docs`)
    await page.getByRole('button', { name: 'Authorize', exact: true }).click()
    const dialog = page.locator('.modal-ux')
    await dialog.getByRole('textbox').fill(ALICE)
    await dialog.getByRole('button', { name: 'Apply credentials' }).click()
    await dialog.getByRole('button', { name: 'Close', exact: true }).click()

    const operation = page.locator('#operations-Organisations-listOrgs')
    await operation.locator('.opblock-summary-control').click()
    await operation.getByRole('button', { name: 'Execute' }).click()
    const answer = operation.locator('.live-responses-table')
    await answer.waitFor()

    t.equal(await answer.locator('.response-col_status').last().textContent(), '200')
    t.match(await answer.locator('pre').first().textContent(), '"name": "Acme & Söhne"')
    t.same([...origins], [origin], 'it asks nobody but Muster')
    t.same(complaints, [], 'and the console is quiet')
  },
)
