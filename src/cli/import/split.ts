/** A line of a file, and where the next one begins. */
export interface Read {
  /** Counted from 1. */
  readonly number: number
  /** Undefined when it is longer than LONGEST, or not UTF-8. */
  readonly text: string | undefined
  /** Bytes of the file up to the end of the line. */
  readonly bytes: number
}

/** Bytes: a body that the API takes, its numbers as an export may write them (1e20 in 21 digits), and room for names. */
export const LONGEST = 1024 * 1024

const NEWLINE = 10

/** Splits a stream of any length in constant memory: it keeps at most LONGEST bytes of a line. */
export async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Read> {
  let parts: Uint8Array[] = []
  let length = 0
  let number = 0
  let bytes = 0
  const end = (): Read => {
    number += 1
    const text = length > LONGEST ? undefined : decode(parts)
    parts = []
    length = 0
    return { number, text, bytes }
  }
  for await (const chunk of stream) {
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      keep(chunk.subarray(from, at))
      bytes += at + 1 - from
      from = at + 1
      yield end()
    }
    keep(chunk.subarray(from))
    bytes += chunk.length - from
  }
  if (length > 0) yield end()

  function keep(part: Uint8Array): void {
    length += part.length
    if (length <= LONGEST) parts.push(part)
    else parts = []
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })

function decode(parts: readonly Uint8Array[]): string | undefined {
  try {
    return UTF8.decode(Buffer.concat(parts)).replace(/\r$/, '')
  } catch {
    return undefined
  }
}
