import type { FastifySchemaValidationError } from 'fastify'

/** One thing that is wrong with the input: where, and what. */
export interface Fault {
  readonly pointer?: string
  readonly parameter?: string
  readonly detail: string
}

const MOST = 20

interface Invalid extends Error {
  validation?: FastifySchemaValidationError[]
  validationContext?: string
}

/** Returns the faults that a schema found, at most 20, each with its place. Undefined for any other error. */
export function faultsIn(error: Invalid): readonly Fault[] | undefined {
  if (!error.validation) return undefined
  // Merges faults that read the same, as those of a format and a pattern of one field do.
  const faults = new Map<string, Fault>()
  for (const found of error.validation) {
    const fault = faultOf(found, error.validationContext === 'body')
    faults.set(JSON.stringify(fault), fault)
    if (faults.size === MOST) break
  }
  return [...faults.values()]
}

function faultOf(found: FastifySchemaValidationError, inBody: boolean): Fault {
  const path = found.instancePath + namedIn(found)
  return inBody
    ? { pointer: path, detail: saying(found) }
    : { parameter: path.slice(1), detail: saying(found) }
}

/** Groups the faults by item of a list in the body. Undefined when any fault lies elsewhere. */
export function byItem(error: Invalid, list: string): ReadonlyMap<number, Invalid> | undefined {
  const item = new RegExp(`^${list}/(\\d+)(.*)$`)
  const placed = (error.validation ?? []).flatMap((found) => {
    const [, position, instancePath = ''] = item.exec(found.instancePath) ?? []
    return position === undefined ? [] : { position: Number(position), found: { ...found, instancePath } }
  })
  if (error.validationContext !== 'body' || placed.length !== error.validation?.length) return undefined
  const items = [...Map.groupBy(placed, ({ position }) => position)].sort(([a], [b]) => a - b)
  return new Map(
    items.map(([position, faults]) => {
      const validation = faults.map(({ found }) => found)
      return [position, Object.assign(new Error(error.message), { validation, validationContext: 'body' })]
    }),
  )
}

/** Names the field: the schema reports a missing or an unknown one at its object. */
function namedIn({ params }: FastifySchemaValidationError): string {
  const name = params.missingProperty ?? params.additionalProperty
  return typeof name === 'string' ? `/${escapePointer(name)}` : ''
}

/** Escapes a name for a JSON Pointer (RFC 6901, section 3). */
export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function saying({ keyword, message, params }: FastifySchemaValidationError): string {
  if (keyword === 'additionalProperties') return 'is not a known field'
  if (keyword === 'required') return 'is missing'
  if (keyword === 'enum' && Array.isArray(params.allowedValues))
    return `must be one of ${params.allowedValues.join(', ')}`
  if (keyword === 'pattern' || keyword === 'format') return 'does not have the right form'
  return message ?? 'is not right'
}
