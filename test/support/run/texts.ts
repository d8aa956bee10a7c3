import { inspect } from 'node:util'
import type { Failure } from './outcome.ts'
import type { Played } from './play.ts'

/** Formats as in `1.4 s, 34 assertions`. */
export function figuresOf({ seconds, passed, failures }: Played): string {
  const failed = failures.length > 0 ? `${failures.length} of ` : ''
  return `${seconds.toFixed(1)} s, ${failed}${passed + failures.length} assertions${failed && ' failed'}`
}

/** Describes the failures of a file in full. */
export function textOf({ file, failures, stderr }: Played): string {
  const told = failures.map(({ name, details }) => `not ok ${file} > ${name}\n${indented(inFull(details))}`)
  if (stderr.trim()) told.push(`${file} wrote to stderr:\n${indented(stderr)}`)
  return told.map((text) => text.trimEnd()).join('\n\n')
}

/** Wraps a file as one test of TAP. */
export function tapOf({ file, tap, stderr, seconds, failures }: Played, number: number): string {
  const result = `${failures.length > 0 ? 'not ok' : 'ok'} ${number} - ${file} # time=${Math.round(seconds * 1000)}ms`
  const said = stderr.trim() && `${stderr.trimEnd().replaceAll(/^/gm, '# stderr: ')}\n`
  return `# Subtest: ${file}\n${indented(tap.trimEnd())}\n${said}${result}\n\n`
}

function inFull(details: Failure['details']): string {
  return Object.entries(details)
    .map(([what, value]) => (isLong(value) ? `${what}:\n${indented(value)}` : `${what}: ${shown(value)}`))
    .join('\n')
}

function isLong(value: unknown): value is string {
  return typeof value === 'string' && value.includes('\n')
}

function shown(value: unknown): string {
  return typeof value === 'string'
    ? value
    : inspect(value, { depth: 8, breakLength: 110, maxArrayLength: 200 })
}

function indented(text: string): string {
  return text.trimEnd().replaceAll(/^(?=.)/gm, '    ')
}
