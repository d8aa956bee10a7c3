import t from 'tap'
import { LISTS } from '../support/lists.ts'
import { joinAs, startMuster, withOrg } from '../support/muster.ts'

// Where a user id is the place in a list, any text is one: whoever makes it up starts there, and sees nothing more.
const BY_USER_ID = 'listResourceMembers'
// There is one for all, and so no other one of its kind.
const THE_ONE = 'listWebhooks'

const muster = await startMuster(t)

for (const [name, make] of Object.entries(LISTS))
  t.test(name, async (t) => {
    const { caller, path, add } = await make(muster)
    const made = [await add(), await add(), await add()]
    const get = (query: string) => caller.get(path + (path.includes('?') ? '&' : '?') + query)

    t.test('what is no cursor is an invalid cursor', async (t) => {
      const { next } = (await get('limit=1')).body
      const [owner, position] = read(next)
      const anyText = ['x', "' or true --", '\ud800'].map((text) => write([owner, text]))
      for (const cursor of [
        'x',
        'AAAA',
        '0',
        '%F0%9F%A6%80',
        'null',
        made[0] ?? '',
        next.slice(0, -2),
        next.slice(1),
        next.toUpperCase(),
        `${next}.`,
        `${next}=`,
        `%20${next}`,
        write(null),
        write({}),
        write([]),
        write([owner]),
        write([owner, null]),
        write([owner, 1]),
        write([owner, {}]),
        write([owner, '']),
        ...(name === BY_USER_ID ? [] : anyText),
        write([owner, '\u0000']),
        write([owner, [1e300, 'x']]),
        write([owner, [-1, 'x']]),
        write([owner, [1, '\u0000']]),
        write([owner, [1, 'x', 'y']]),
        write([owner, position, 'more']),
        write(['', position]),
        write(['A'.repeat(16), position]),
        write([null, position]),
        write([position, owner]),
      ])
        t.match(await get(`cursor=${cursor}`), { status: 400, body: { code: 'invalid_cursor' } }, cursor)
      if (name === BY_USER_ID)
        for (const cursor of anyText) t.equal((await get(`cursor=${cursor}`)).status, 200, cursor)
      for (const cursor of ['', 'A'.repeat(1025)])
        t.match(await get(`cursor=${cursor}`), { status: 400, body: { code: 'invalid_cursor' } })
      t.match(await get(`cursor=${next}&cursor=${next}`), { status: 400, body: { code: 'invalid_request' } })
    })

    t.test('a cursor of any other list is an invalid cursor', async (t) => {
      for (const [other, makeOther] of Object.entries(LISTS)) {
        if (name === THE_ONE && other === name) continue
        const { caller: stranger, path: elsewhere, add: addElsewhere } = await makeOther(muster)
        await addElsewhere()
        await addElsewhere()
        const { body } = await stranger.get(`${elsewhere}${elsewhere.includes('?') ? '&' : '?'}limit=1`)
        t.match(await get(`cursor=${body.next}`), { status: 400, body: { code: 'invalid_cursor' } }, other)
      }
    })
  })

t.test('a cursor belongs to its filters', async (t) => {
  const { alice, path } = await withOrg(muster)
  for (const id of ['f1', 'f2', 'f3']) await joinAs(muster, path, id)
  const { body } = await alice.get(`${path}/members?limit=1&role=member`)
  t.equal((await alice.get(`${path}/members?role=member&cursor=${body.next}`)).status, 200)
  for (const query of ['', 'role=admin&', 'role=member&q=f&'])
    t.match(await alice.get(`${path}/members?${query}cursor=${body.next}`), {
      status: 400,
      body: { code: 'invalid_cursor' },
    })
})

t.test('a cursor belongs to its organisation and to its caller', async (t) => {
  const one = await withOrg(muster)
  const two = await withOrg(muster)
  const bob = await joinAs(muster, one.path, 'bob')
  const { body } = await one.alice.get(`${one.path}/members?limit=1`)
  const cursor = `cursor=${body.next}`
  t.equal((await one.alice.get(`${one.path}/members?${cursor}`)).status, 200)
  for (const call of [
    one.alice.get(`${two.path}/members?${cursor}`),
    bob.get(`${one.path}/members?${cursor}`),
    muster.service('muster:read').get(`${one.path}/members?${cursor}`),
  ])
    t.match(await call, { status: 400, body: { code: 'invalid_cursor' } })
})

function read(cursor: string): readonly unknown[] {
  return JSON.parse(Buffer.from(cursor, 'base64url').toString())
}

function write(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
