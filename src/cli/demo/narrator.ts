import { styleText } from 'node:util'

/** The answer to a call, as the story goes on with it. */
export interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: a story reads what its own calls are known to answer
  readonly body: any
}

/** A person in the story. Prints each call, and ends the story when the status is not the expected one. */
export type Person = (expected: number, method: string, path: string, body?: object) => Promise<Reply>

export function chapter(title: string): void {
  console.log(`\n${styleText(['bold', 'cyan'], title)}`)
}

export function tell(sentence: string): void {
  console.log(`\n  ${sentence}`)
}

export function show(text: string): void {
  console.log(styleText('dim', text.trim().replace(/^/gm, '    │ ')))
}

export function showEvent(event: object): void {
  show(outline(event))
}

export function person(name: string, url: string, token: string): Person {
  return async (expected, method, path, body) => {
    console.log(
      `  ${styleText('bold', name)} ${styleText('yellow', method)} ${path}${body ? ` ${inline(body)}` : ''}`,
    )
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const reply: Reply = { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
    const colour = reply.status < 400 ? 'green' : 'red'
    console.log(`    ${styleText(colour, `${reply.status} ${response.statusText}`)}`)
    if (reply.body) show(outline(reply.body))
    if (reply.status !== expected) throw new Error(`${name} expected ${expected}, and got ${reply.status}.`)
    return reply
  }
}

/** Formats an answer for people: a line for each field, without empty ones. */
function outline(body: object): string {
  return Object.entries(body)
    .filter(([, value]) => !isEmpty(value))
    .map(([key, value]) => (Array.isArray(value) ? list(key, value) : `${key}: ${inline(value)}`))
    .join('\n')
}

function list(key: string, items: readonly unknown[]): string {
  return [`${key}:`, ...items.map((item) => `  ${inline(item)}`)].join('\n')
}

function inline(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  const fields = Object.entries(value).filter(([, inside]) => !isEmpty(inside))
  return `{ ${fields.map(([key, inside]) => `${key}: ${inline(inside)}`).join(', ')} }`
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0)
}
