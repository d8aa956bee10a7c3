export interface Spread {
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), lowest: Math.min(...values), highest: Math.max(...values) }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const [below = Number.NaN, above = Number.NaN] = sorted.slice(middle - 1 + (sorted.length % 2), middle + 1)
  return sorted.length % 2 ? below : (below + above) / 2
}

/** Formats with a comma between thousands, or an em dash for no value. */
export function figure(value: number | undefined, digits = 0): string {
  if (value === undefined || !Number.isFinite(value)) return '–'
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** Formats as in `1,518 (1,490–1,530)`. */
export function withSpread({ median, lowest, highest }: Spread, digits = 0): string {
  return `${figure(median, digits)} (${figure(lowest, digits)}–${figure(highest, digits)})`
}
