/** One line of a table: a name, then figures in columns. */
export function line(name: string, ...figures: (string | number)[]): string {
  return name.padEnd(80) + figures.map((figure) => String(figure).padStart(11)).join('')
}

export function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0)
}
