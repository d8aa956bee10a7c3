/** `npm run promises` plays the `long` form, the gate a short form of the same; docs/decisions/0013-the-gate.md. */
const isLong = process.env.FORM === 'long'

export function byForm(short: number, long: number): number {
  return isLong ? long : short
}
