import { readFile } from 'node:fs/promises'
import t from 'tap'
import { until } from '../jobs/scene.ts'
import { alicesOrg, onDatabase, startProcess } from '../support/process.ts'
import { silent } from '../support/sockets.ts'

const FOUR_MEBIBYTES = 4 * 1024 * 1024

/** What each of these took, while all that is wrong with it was written down: 850 to 3,000 MiB. */
const MOST_MEBIBYTES = 300

const HOSTILE = {
  'empty members': filled('{"members":[', '{},', '{}]}'),
  'lists for members': filled('{"members":[', '[],', '[]]}'),
  'numbers for members': filled('{"members":[', '1,', '1]}'),
  'unknown fields': `{${Array.from({ length: 300_000 }, (_, i) => `"f${i}":1`).join()}}`,
  'lists in lists': '['.repeat(FOUR_MEBIBYTES),
}

t.test('no body makes the service take much more memory than it has', async (t) => {
  const muster = startProcess(t, await onDatabase(t))
  const url = await muster.url
  const { org, token } = await alicesOrg(url)
  const before = await peakOf(muster.pid)
  for (const [name, body] of Object.entries(HOSTILE)) {
    const send = async () => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const response = await fetch(`${url}${org}/members`, { method: 'PUT', headers, body })
      return { status: response.status, ...((await response.json()) as { code: string }) }
    }
    for (const answer of await Promise.all(Array.from({ length: 4 }, send)))
      t.match(answer, { status: 400, code: 'invalid_request' }, name)
  }
  const taken = (await peakOf(muster.pid)) - before
  t.ok(taken < MOST_MEBIBYTES, `${taken} MiB`)
})

t.test('large bodies that come slowly are few, and keep no small one out', async (t) => {
  const muster = startProcess(t, await onDatabase(t))
  const url = await muster.url
  const { org, token, call } = await alicesOrg(url)
  const slow = async (header: string) => {
    const socket = await silent(url)
    t.teardown(() => socket.destroy())
    let answer = ''
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text
    })
    const fields = [`authorization: Bearer ${token}`, 'content-type: application/json', header]
    socket.write(`PUT ${org}/members HTTP/1.1\r\nhost: x\r\n${fields.join('\r\n')}\r\n\r\n`)
    return { socket, status: () => Number(answer.slice(9, 12)), answer: () => answer }
  }
  const bySize = Array.from({ length: 6 }, () => slow(`content-length: ${FOUR_MEBIBYTES}`))
  const all = await Promise.all([...bySize, slow('transfer-encoding: chunked')])
  const refused = () => all.filter(({ status }) => status() === 503)
  await until('all but four are refused', () => refused().length === 3)
  t.equal((await call('POST', '/orgs', { name: 'Small' })).status, 201)
  t.equal(refused().length, 3, 'the four are waited for')
  for (const { answer } of refused()) t.match(answer(), /^retry-after: 1\r$/im)

  for (const { socket } of all) socket.destroy()
  const members = Array.from({ length: 2_000 }, (_, n) => ({ userId: `user-${n}`, role: 'member' }))
  await until('there is room again', async () => {
    const { status } = await call('PUT', `${org}/members`, {
      members: [{ userId: 'alice', role: 'admin' }, ...members],
    })
    return status === 403
  })
})

function filled(start: string, item: string, end: string): string {
  return start + item.repeat((FOUR_MEBIBYTES - start.length - end.length) / item.length) + end
}

/** In MiB, of what it has ever had in memory. */
async function peakOf(pid: number): Promise<number> {
  const [, kibibytes] = /^VmHWM:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kibibytes) / 1024)
}
