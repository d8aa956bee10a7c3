import { randomUUID } from 'node:crypto'

// UUIDs of version 8 (RFC 9562, 5.8): 74 random bits of the process, then a count. No id needs random bits of its own.
const [time, more, version = '', variant] = randomUUID().split('-')
const ofProcess = `${time}-${more}-8${version.slice(1)}-${variant}-`

let count = 0

/** Names one request in its answer and in the log. Unique across processes, but not secret: one id reveals the next. */
export function newRequestId(): string {
  count += 1
  return ofProcess + count.toString(16).padStart(12, '0')
}
