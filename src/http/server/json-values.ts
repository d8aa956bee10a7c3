const [QUOTE, BACKSLASH, COMMA, BRACKET, BRACE] = Buffer.from('"\\,[{')

/**
 * Whether a text of JSON has more values than that, each field of an object one. Read from its bytes, before anything is
 * made of them: each value but the first is behind a comma or opens what is around it.
 */
export function hasMoreValues(bytes: Buffer, most: number): boolean {
  if (bytes.length <= most) return false
  let count = 1
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfText(bytes, at)
    else if (byte === COMMA || byte === BRACKET || byte === BRACE) count += 1
    if (count > most) return true
  }
  return false
}

/** Of the quote that ends what begins here, or of the end where none does. */
function endOfText(bytes: Buffer, start: number): number {
  let at = start + 1
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at
}
