import { Parser, type Result } from 'tap-parser'

export interface Outcome {
  /** Number of assertions. */
  readonly passed: number
  readonly failures: readonly Failure[]
  /** Skipped tests, and why. */
  readonly skipped: readonly string[]
  /** Comments of the tests, mostly figures. */
  readonly comments: readonly string[]
}

/** An assertion that failed, or another failure, with all that is known of it. */
export interface Failure {
  readonly name: string
  readonly details: Readonly<Record<string, unknown>>
}

/** @param ending how the process ended: `exit code 0`, `SIGKILL` */
export function outcomeOf(tap: string, ending: string): Outcome {
  const seen = { passed: 0, failures: [] as Failure[], skipped: [] as string[], comments: [] as string[] }
  const parser = new Parser()
  parser.on('pass', () => {
    seen.passed += 1
  })
  parser.on('fail', ({ fullname, diag }: Result) =>
    seen.failures.push({ name: fullname, details: diag ?? {} }),
  )
  parser.on('skip', ({ fullname, skip }: Result) => seen.skipped.push(`${fullname}: ${skip}`))
  listen(parser, seen.comments)
  parser.end(tap)
  if (seen.failures.length === 0) seen.failures.push(...otherFailures(parser, seen, ending))
  return seen
}

/** Finds failures without an assertion: TAP that breaks off, a process that ends badly, a file without a test. */
function otherFailures({ results }: Parser, { passed, skipped }: Outcome, ending: string): Failure[] {
  const named = (name: string): Failure[] => [{ name, details: {} }]
  if (ending !== 'exit code 0') return named(`it ended with ${ending}`)
  if (!results?.ok)
    return named(results?.failures.map(({ tapError }) => tapError).join(', ') || 'it broke off')
  return passed + skipped.length === 0 ? named('it tests nothing') : []
}

// Tap's own comments: the name of what follows, how long something took, how many there were.
const OF_TAP = /^# (Subtest|time=|\{ total:|no tests found)/

function listen(parser: Parser, comments: string[]): void {
  parser.on('comment', (comment: string) => {
    if (!OF_TAP.test(comment)) comments.push(comment.slice(2).trimEnd())
  })
  parser.on('child', (child: Parser) => listen(child, comments))
}
