const [QUOTE, BACKSLASH, COMMA, BRACKET, BRACE] = Buffer.from('"\\,[{')

/**
 * True when a JSON text has more than `most` values, each field of an object counting as one. Reads the bytes, before
 * anything is parsed: each value but the first follows a comma or the bracket that opens its container.
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

/** Finds the quote that ends a string, or the end of the bytes when none does. */
function endOfText(bytes: Buffer, start: number): number {
  let at = start + 1
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at
}
