interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly (string | null)[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly allOf?: readonly Schema[]
  readonly description?: string
  readonly pattern?: string
  readonly propertyNames?: Schema
}
interface Operation {
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: Schema }> }>
}
export interface Document {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/**
 * Rewrites the contract so that the generator makes exact types of it. The generator understands `[x, 'null']` neither
 * of objects nor of enums. An enum that is used in many places becomes one named type. The `code` of a problem becomes
 * one of those that the operations list.
 */
export function forTypes(document: Document): object {
  const { schemas } = document.components
  const code = { type: 'string', enum: codesOf(document), description: 'The stable name of the problem.' }
  const named = {
    EventType: valuesOf(schemas.Event?.properties?.type),
    Permission: valuesOf(schemas.AccessCheck?.properties?.checks?.items?.properties?.permission),
    ProblemCode: code.enum,
    Role: valuesOf(schemas.Member?.properties?.role),
  }
  const names = new Map(Object.entries(named).map(([name, values]) => [String(values), name]))
  const problem = { ...schemas.Problem, properties: { ...schemas.Problem?.properties, code } }
  const types = Object.entries(named).map(([name, values]) => [name, { type: 'string', enum: values }])
  return {
    ...document,
    paths: exact(document.paths, names),
    components: {
      ...document.components,
      schemas: {
        ...Object.fromEntries(types),
        ...Object.fromEntries(
          Object.entries({ ...schemas, Problem: problem }).map(([name, schema]) => [
            name,
            exact(schema, names),
          ]),
        ),
      },
    },
  }
}

function valuesOf(schema: Schema | undefined): readonly string[] {
  return schema?.enum?.filter((value) => value !== null) ?? []
}

function codesOf({ paths }: Document): readonly string[] {
  const responses = Object.values(paths)
    .flatMap((operations) => Object.values(operations))
    .flatMap((operation) => Object.values(operation.responses))
  const problems = responses.map(({ content }) => content?.['application/problem+json']?.schema)
  const codes = problems.flatMap((problem) =>
    (problem?.allOf ?? []).flatMap(({ properties }) => valuesOf(properties?.code)),
  )
  return [...new Set(codes)].sort()
}

function exact(node: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(node)) return node.map((each) => exact(each, names))
  if (typeof node !== 'object' || node === null) return node
  // Leaves out what no type can express.
  const { pattern, propertyNames, ...schema } = node as Schema
  const { type, enum: values, properties, description } = schema
  const nullable = Array.isArray(type) && type.includes('null') && Boolean(values ?? properties)
  const name = names.get(String(valuesOf(schema)))
  if (name) return { ...(description && { description }), ...reference(name, nullable) }
  const inside = Object.entries(schema).map(([key, value]) => [key, exact(value, names)])
  return { ...Object.fromEntries(inside), ...(nullable && { nullable }) }
}

function reference(name: string, nullable: boolean): object {
  const $ref = `#/components/schemas/${name}`
  return nullable ? { anyOf: [{ $ref }, { type: 'null' }] } : { $ref }
}
