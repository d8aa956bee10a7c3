import t from 'tap'
import { dump } from '../support/dump.ts'
import { ENDLESS, LISTS, NEWEST_FIRST } from '../support/lists.ts'
import { joinAs, startMuster, withOrg } from '../support/muster.ts'
import { callOf, furnish, operationsOf, send } from '../support/operations.ts'

const muster = await startMuster(t)

t.test('every list of the contract is told of here', async (t) => {
  const operations = await operationsOf(muster)
  const lists = operations.filter(({ parameters }) => parameters.includes('cursor'))
  const known = Object.keys(LISTS).map((name) => name.split(' ')[0])
  t.same(lists.map(({ operationId }) => operationId).sort(), [...new Set([...known, ...ENDLESS])].sort())
})

for (const [name, make] of Object.entries(LISTS))
  t.test(name, async (t) => {
    const list = await make(muster)
    const { caller, path, keyOf, first: always = [], add, remove } = list
    t.match(
      await caller.get(path),
      { status: 200, body: { data: always.map(() => Object), next: null } },
      'an empty list is a page',
    )
    const made: string[] = [...always]
    for (let n = 0; n < 5; n++) made.push(await add())
    if (NEWEST_FIRST.includes(name)) made.reverse()
    const get = async (query: string) => {
      const { status, body } = await caller.get(path + (path.includes('?') ? '&' : '?') + query)
      const ids: string[] = body.data?.map(keyOf)
      return { status, body, ids, next: body.next }
    }

    t.test('pages hold what they should, once, in order, and end with null', async (t) => {
      for (const limit of [1, 2, 4, 5, 6, 100]) {
        const seen: string[] = []
        for (let next = ''; ; ) {
          const page = await get(`limit=${limit}${next && `&cursor=${next}`}`)
          t.equal(page.ids.length, Math.min(limit, made.length - seen.length))
          seen.push(...page.ids)
          if (page.next === null) break
          next = page.next
        }
        t.same(seen, made, `in pages of ${limit}`)
      }
      t.same(
        (await caller.get(path)).body,
        (await get('limit=25')).body,
        'a page has 25 unless asked otherwise',
      )
    })

    t.test('the limit may change from page to page', async (t) => {
      const first = await get('limit=1')
      t.same((await get(`limit=3&cursor=${first.next}`)).ids, made.slice(1, 4))
    })

    t.test('a page neither skips nor repeats while rows come and go', async (t) => {
      const [one, two, three, four, five] = made.slice(always.length)
      const first = await get(`limit=${always.length + 2}`)
      if (remove) for (const id of [one, two, four]) await remove(id ?? '')
      const added = await add()
      const rest = await get(`cursor=${first.next}`)
      const stayed = remove ? [three, five] : [three, four, five]
      t.same(rest.ids, NEWEST_FIRST.includes(name) ? stayed : [...stayed, added])
    })

    t.test('a limit is a whole number from 1 to 100, given once', async (t) => {
      for (const limit of [
        '0',
        '101',
        '1e1',
        'abc',
        '',
        '-1',
        '1.0',
        '+5',
        '%205',
        '0x10',
        '1000000000000',
        'null',
      ])
        t.match(
          await get(`limit=${limit}`),
          { status: 400, body: { code: 'invalid_request', errors: [{ parameter: 'limit' }] } },
          limit,
        )
      for (const query of ['limit=1&limit=1', 'limit[]=1', 'limit=1;'])
        t.match(await get(query), { status: 400, body: { code: 'invalid_request' } }, query)
    })

    t.test('unknown parameters are refused by name', async (t) => {
      for (const query of ['offset=1', 'page=2', 'Limit=1', 'sort=name', 'toString=1', '__proto__=1', 'x'])
        t.match(await get(query), { status: 400, body: { code: 'invalid_request' } }, query)
      t.match(await get('offset=1'), {
        body: { errors: [{ parameter: 'offset', detail: 'is not a known field' }] },
      })
    })
  })

t.test('who joined in the same millisecond is listed once', async (t) => {
  const { alice, org, path } = await withOrg(muster)
  for (let n = 0; n < 6; n++) await joinAs(muster, path, `same${n}`)
  await muster.db.pool.query('update members set joined_at = now() where org_id = $1', [org.id])
  const seen: string[] = []
  for (let next = ''; next !== null; ) {
    const { body } = await alice.get(`${path}/members?limit=2${next && `&cursor=${next}`}`)
    seen.push(...body.data.map(({ userId }: { userId: string }) => userId))
    next = body.next
  }
  t.same(seen, ['alice', 'same0', 'same1', 'same2', 'same3', 'same4', 'same5'])
})

t.test('unknown parameters are refused on every route, and change nothing', async (t) => {
  const place = await furnish(muster)
  const before = await dump(muster.db)
  for (const { operationId, path } of await operationsOf(muster)) {
    if (path === '/livez' || path === '/readyz') continue
    const call = callOf(operationId, place)
    const query = `${call.path.includes('?') ? '&' : '?'}newest=true`
    const caller = operationId.match(/^(accept|decline|preview)/) ? place.invited : place.admin
    const reply = await send(caller, { ...call, path: call.path + query })
    t.match(
      reply,
      { status: 400, body: { code: 'invalid_request', errors: [{ parameter: 'newest' }] } },
      operationId,
    )
  }
  t.same(await dump(muster.db), before)
})
