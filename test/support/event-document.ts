import { readFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'

const DOCUMENT = new URL('../../openapi/openapi.json', import.meta.url)

interface Schema {
  readonly oneOf: readonly { readonly properties: { readonly data: object } }[]
}

const { components } = JSON.parse(await readFile(DOCUMENT, 'utf8'))
const check = new Ajv2020({ strict: false, validateFormats: false }).compile(closed(components.schemas.Event))

/** Finds what contradicts the document in an event: `data` must have the fields listed for its type, and no other. */
export function misfitsOf(event: { readonly type: string; readonly data: object }): readonly string[] {
  if (check(JSON.parse(JSON.stringify(event)))) return []
  return (check.errors ?? []).map(({ instancePath, message }) => `${event.type}${instancePath} ${message}`)
}

function closed(schema: Schema): object {
  const oneOf = schema.oneOf.map(({ properties: { data, ...properties }, ...choice }) => ({
    ...choice,
    properties: { ...properties, data: { ...data, additionalProperties: false } },
  }))
  return { ...schema, oneOf }
}
