import { Ajv, type SchemaObject } from 'ajv'
import addFormats from 'ajv-formats'
import stringify, { type Schema } from 'fast-json-stringify'
import type {
  FastifySchemaCompiler,
  FastifySchemaValidationError,
  FastifySerializerCompiler,
  FastifyServerOptions,
} from 'fastify'

type Compilers = NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']

/** Schemas by their `$id`. */
type Shared = Readonly<Record<string, SchemaObject>>

/**
 * Compiles each check of a request and each writer of an answer when it is first needed, with only the shared schemas
 * that it refers to. Compiling all of them at the start would take more time and memory than the rest of the start.
 */
export function compilers(): Compilers {
  const ajv = lazily(newAjv)
  return {
    buildValidator: (shared: Shared) => validatorCompiler(ajv, shared),
    buildSerializer: serializerCompiler,
  } as Compilers
}

/** Never coerces bodies, and does not drop unknown fields in silence. */
function newAjv(): Ajv {
  const form = { coerceTypes: false, removeAdditional: false, useDefaults: true }
  return addFormats.default(new Ajv({ ...form, allErrors: true, addUsedSchema: false }))
}

function validatorCompiler(ajv: () => Ajv, shared: Shared): FastifySchemaCompiler<SchemaObject> {
  return ({ schema, httpPart }) => {
    const validator = lazily(() => {
      for (const [id, used] of usedBy(schema, shared)) if (!ajv().schemas[id]) ajv().addSchema(used)
      return ajv().compile<unknown>(httpPart === 'headers' ? inLowerCase(schema) : schema)
    })
    return (value: unknown) => {
      const validate = validator()
      return validate(value) || { error: validate.errors as FastifySchemaValidationError[] }
    }
  }
}

function serializerCompiler(shared: Shared): FastifySerializerCompiler<SchemaObject> {
  return ({ schema }) => {
    const serializer = lazily(() => {
      const used = Object.fromEntries(usedBy(schema, shared)) as Record<string, Schema>
      return stringify(schema as Schema, { schema: used })
    })
    return (value) => serializer()(value)
  }
}

function lazily<T extends object>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** Finds the shared schemas that a schema refers to, directly or through another. */
function usedBy(
  schema: SchemaObject,
  shared: Shared,
  used = new Map<string, SchemaObject>(),
): ReadonlyMap<string, SchemaObject> {
  for (const [, id = ''] of JSON.stringify(schema).matchAll(/"\$ref":"([^"#]+)#/g)) {
    const found = shared[id]
    if (!found || used.has(id)) continue
    used.set(id, found)
    usedBy(found, shared, used)
  }
  return used
}

/** Writes the names of headers in lower case, as Node gives them. */
function inLowerCase({ properties, ...schema }: SchemaObject): SchemaObject {
  const named = Object.entries(properties).map(([name, of]) => [name.toLowerCase(), of])
  return { ...schema, properties: Object.fromEntries(named) }
}
