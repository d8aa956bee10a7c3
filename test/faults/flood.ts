import { Agent, request } from 'node:http'

// Sends more requests than a service can answer, from a process of its own, at a fixed rate, without waiting for
// earlier answers. Arguments: the URL, a token, how many, and how many a second. Prints the results as JSON.

export interface Flooded {
  /** Number of answers with each status; `error` counts requests without an answer. */
  readonly statuses: Readonly<Record<string, number>>
  readonly livez: Readonly<Record<string, number>>
  readonly unavailableWithoutRetryAfter: number
  /** Ids of the organisations whose creation was acknowledged. */
  readonly created: readonly string[]
}

const [url = '', token = '', total = '', rate = ''] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: 200 })
const statuses: Record<string, number> = {}
const livez: Record<string, number> = {}
const created: string[] = []
let unavailableWithoutRetryAfter = 0

const begun = performance.now()
const answers: Promise<void>[] = []
const signsOfLife: Promise<void>[] = []
while (answers.length < Number(total)) {
  const due = ((performance.now() - begun) / 1000) * Number(rate)
  while (answers.length < Math.min(due, Number(total))) answers.push(ask(answers.length))
  signsOfLife.push(ask(undefined))
  await new Promise((resolve) => setTimeout(resolve, 10))
}
await Promise.all([...answers, ...signsOfLife])
const flooded: Flooded = { statuses, livez, unavailableWithoutRetryAfter, created }
console.log(JSON.stringify(flooded))
agent.destroy()

/** Writes if the number is even. Without a number it asks on a connection of its own whether the service lives. */
function ask(number: number | undefined): Promise<void> {
  const isWrite = number !== undefined && number % 2 === 0
  const path = number === undefined ? '/livez' : '/orgs'
  const headers = { authorization: `Bearer ${token}`, ...(isWrite && { 'content-type': 'application/json' }) }
  const counts = number === undefined ? livez : statuses
  return new Promise((resolve) => {
    const end = (outcome: string) => {
      counts[outcome] = (counts[outcome] ?? 0) + 1
      resolve()
    }
    const options = { method: isWrite ? 'POST' : 'GET', headers, ...(number !== undefined && { agent }) }
    const asked = request(url + path, options, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => {
        const { statusCode, headers } = response
        if (statusCode === 201) created.push(JSON.parse(text).id)
        if (statusCode === 503 && !headers['retry-after']) unavailableWithoutRetryAfter += 1
        end(String(statusCode))
      })
    })
    asked.on('error', () => end('error'))
    asked.end(isWrite ? JSON.stringify({ name: `Flooded ${number}` }) : undefined)
  })
}
