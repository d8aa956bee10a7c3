import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { NAMES, type OperationName } from './operations.ts'

export interface Options {
  readonly operations: readonly OperationName[]
  /** Takes about a minute, with rougher figures. */
  readonly quick: boolean
  /** Measures Better Auth too, installed into a folder that is removed afterwards. */
  readonly peer: boolean
  /** Another checkout of Muster, to be measured side by side. */
  readonly against: string | undefined
  /** Command that starts Muster instead of `npm start`. */
  readonly start: string | undefined
  readonly write: boolean
  readonly connections: number
  readonly rounds: number
  /** Seconds of a slice. */
  readonly slice: number
}

/** @throws on arguments that it does not know. */
export function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      peer: { type: 'boolean', default: false },
      against: { type: 'string' },
      start: { type: 'string' },
      write: { type: 'boolean', default: false },
      connections: { type: 'string', default: '32' },
      rounds: { type: 'string' },
      slice: { type: 'string' },
    },
  })
  const { quick, peer, start, write } = values
  const against = values.against && resolve(values.against)
  const unknown = positionals.filter((name) => !NAMES.some((known) => known === name))
  if (unknown.length > 0)
    throw new Error(`There is no operation ${unknown.join(', ')}, but ${NAMES.join(', ')}.`)
  return {
    ...{ quick, peer, against, start, write },
    operations: NAMES.filter((name) => positionals.length === 0 || positionals.includes(name)),
    connections: Number(values.connections),
    rounds: Number(values.rounds ?? (quick ? 3 : 5)),
    slice: Number(values.slice ?? (quick ? 0.7 : 1.5)),
  }
}
