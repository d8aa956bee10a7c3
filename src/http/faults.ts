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

/** What a schema found wrong, at most 20 things, each with its place; undefined for any other error. */
export function faultsIn(error: Invalid): readonly Fault[] | undefined {
  const inBody = error.validationContext === 'body'
  return error.validation?.slice(0, MOST).map((found) => {
    const path = found.instancePath + namedIn(found)
    return inBody
      ? { pointer: path, detail: saying(found) }
      : { parameter: path.slice(1), detail: saying(found) }
  })
}

/** A missing or an unknown field is told of the object; the place is the field. */
function namedIn({ params }: FastifySchemaValidationError): string {
  const name = params.missingProperty ?? params.additionalProperty
  return typeof name === 'string' ? `/${escapePointer(name)}` : ''
}

/** RFC 6901, section 3. */
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
