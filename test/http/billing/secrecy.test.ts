import { Client } from 'pg'
import t from 'tap'
import { type Reply, startMuster } from '../../support/muster.ts'
import { CALLS, callOf, furnish, type Place, send } from '../../support/operations.ts'
import { alicesOrg, onDatabase, startProcess } from '../../support/process.ts'

// The word and the number are in the invoice information alone; no id, code or cursor comes to them by chance.
const INFORMATION = {
  legalName: 'Zyxel Holding',
  email: 'zyxel-invoices@example.org',
  vatId: 'DE987654321',
  address: {
    line1: 'Zyxelstraße 1',
    line2: 'Zyxelhof',
    postalCode: 'ZYXEL 1',
    city: 'Zyxelstadt',
    region: 'Zyxelland',
    country: 'DE',
  },
  purchaseOrder: 'PO-ZYXEL',
  notes: 'zyxel pays late',
}
const WORDS = /zyxel|987654321/i
const BILLING = ['getOrgBilling', 'setOrgBilling', 'getResourceBilling', 'setResourceBilling']
const OTHERS = Object.keys(CALLS).filter((operationId) => !BILLING.includes(operationId))

const muster = await startMuster(t)

async function furnishBilled(): Promise<Place> {
  const place = await furnish(muster)
  const resources = [place.workspaceId, place.domainId].map((id) => `${place.path}/resources/${id}`)
  for (const path of [place.path, ...resources]) {
    const { status, body } = await place.accounting.put(`${path}/billing`, INFORMATION)
    if (status !== 200) throw new Error(JSON.stringify(body))
  }
  return place
}

/** The weakest first, so that what the others do is not done before. */
function callersOf({ admin, accounting, member, invited, service }: Place) {
  const [stranger, mallory] = [muster.stranger, muster.user('mallory')]
  const [check, read] = [muster.service('muster:check'), muster.service('muster:read')]
  return { stranger, mallory, invited, check, read, member, accounting, admin, service }
}

function tells({ body, headers }: Reply): boolean {
  return WORDS.test(JSON.stringify([body, ...headers]))
}

t.test('Admins and Accounting are told all of it, so that its words would be recognised', async (t) => {
  const place = await furnishBilled()
  for (const operationId of ['getOrgBilling', 'getResourceBilling'])
    for (const caller of [place.admin, place.accounting]) {
      const { body } = await send(caller, callOf(operationId, place))
      t.match(body, INFORMATION)
      for (const value of Object.values({ ...INFORMATION, ...INFORMATION.address, address: null }))
        if (value && value !== 'DE') t.match(value, WORDS)
    }
})

t.test('nobody who is refused is told any of it', async (t) => {
  const place = await furnishBilled()
  await place.admin.patch(place.path, { memberAccess: 'all' })
  const { member, invited, mallory, stranger, check } = callersOf(place)
  for (const operationId of BILLING)
    for (const caller of [member, invited, mallory, stranger, check]) {
      for (const tag of ['"0"', '"1"', '"7"', '*']) {
        const reply = await send(caller, callOf(operationId, place), { 'if-match': tag })
        t.ok([401, 403, 404].includes(reply.status), operationId)
        t.notOk(tells(reply), operationId)
      }
    }
})

const shared = await furnishBilled()
for (const operationId of OTHERS)
  t.test(`${operationId} tells nobody any of it`, async (t) => {
    const reads = callOf(operationId, shared).method === 'get'
    const place = reads ? shared : await furnishBilled()
    if (operationId === 'restoreOrg') await place.admin.delete(`${place.path}?confirm=Acme`)
    for (const [name, caller] of Object.entries(callersOf(place)))
      t.notOk(tells(await send(caller, callOf(operationId, place))), name)
  })

t.test(
  'the log holds none of it: not when it is filled in, refused, or when the statement fails',
  async (t) => {
    const env = await onDatabase(t)
    const settings = {
      LOG_LEVEL: 'trace',
      MUSTER_DATA_DIR: t.testdir(),
      APP_URL: 'https://app.example.com/join',
    }
    const muster = startProcess(t, { ...env, ...settings })
    const { org, call } = await alicesOrg(await muster.url)
    t.equal((await call('PUT', `${org}/billing`, INFORMATION)).status, 200)
    t.equal((await call('PUT', `${org}/billing`, { ...INFORMATION, vatId: 'DEZYXEL' })).status, 400)
    t.equal((await call('PUT', `${org}/billing`, { ...INFORMATION, zyxel: 1 })).status, 400)

    const client = new Client({ connectionString: env.DATABASE_URL })
    await client.connect()
    await client
      .query("alter table billing add check (notes <> 'zyxel pays never')")
      .finally(() => client.end())
    const failed = await call('PUT', `${org}/billing`, { ...INFORMATION, notes: 'zyxel pays never' })
    t.match(failed, { status: 500, body: { code: 'internal_error' } })
    t.notMatch(JSON.stringify({ ...failed.body, requestId: '' }), WORDS)

    muster.kill('SIGTERM')
    const { stdout, stderr } = await muster.ended
    t.match(stdout, 'violates check constraint', 'the log tells why')
    const lines = (stdout + stderr).split('\n')
    t.same(
      lines.filter((line) => WORDS.test(line)),
      [],
    )
  },
)
