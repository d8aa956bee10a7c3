import { Column, DrizzleQueryError, getTableName, is, Param, Placeholder, SQL, Subquery } from 'drizzle-orm'
import { PgDialect, PgPreparedQuery, PgSession } from 'drizzle-orm/pg-core'
import pg, { type QueryConfig, type QueryResult } from 'pg'
import type { Queryable } from './client.ts'

// Drizzle's own runner inspects each parameter, and each value of each row. Here the functions that encode the
// parameters and decode the rows are made once for each statement.

/** Values of the `sql.placeholder`s, by name. */
export type Values = Readonly<Record<string, unknown>>

type Encode = (values: Values) => unknown
type DecodeRow = (row: readonly unknown[]) => object
type Fields = NonNullable<Parameters<PgSession['prepareQuery']>[1]>
type Built = Parameters<PgSession['prepareQuery']>[0]

/** Sends a statement on a connection, with the values in the place of its placeholders. */
type Send = (connection: Queryable, values: Values) => Promise<QueryResult>

/**
 * Compiles the parameters of a statement.
 *
 * @returns what sends it. @throws where a placeholder has no value.
 */
export function sender(config: QueryConfig, params: readonly unknown[]): Send {
  const encoders = params.map(encoderOf)
  return (connection, values) =>
    connection.query(
      config,
      encoders.map((encode) => encode(values)),
    )
}

function encoderOf(param: unknown): Encode {
  if (is(param, Placeholder)) return (values) => valueFor(values, param.name)
  if (!is(param, Param) || !is(param.value, Placeholder)) return () => param
  const { value, encoder } = param
  return (values) => encoder.mapToDriverValue(valueFor(values, value.name))
}

function valueFor(values: Values, name: string): unknown {
  if (!(name in values)) throw new Error(`a statement was given no value for ${name}`)
  return values[name]
}

/** A statement of Drizzle's builder. It runs on the connection that the caller gives it. */
export class Compiled extends PgPreparedQuery<{ execute: unknown; all: unknown; values: unknown }> {
  readonly #send: Send
  readonly #fields: Fields | undefined
  #decodeRow: DecodeRow | undefined
  /** Set by the builder. Says for each joined table whether every row has it. */
  declare joinsNotNullableMap: Readonly<Record<string, boolean>> | undefined

  constructor(built: Built, fields: Fields | undefined, name: string | undefined) {
    super(built, undefined, undefined)
    const rows = fields && { rowMode: 'array', types: AS_TEXT }
    this.#send = sender({ text: built.sql, ...(name && { name }), ...rows }, built.params)
    this.#fields = fields
  }

  async run(connection: Queryable, values: Values): Promise<unknown> {
    const result = await this.#send(connection, values).catch((error: Error) => {
      // It tells which statement failed. The parameters stay untold.
      throw new DrizzleQueryError(this.query.sql, [], error)
    })
    if (!this.#fields) return result
    this.#decodeRow ??= rowDecoder(this.#fields, this.joinsNotNullableMap)
    return result.rows.map(this.#decodeRow)
  }

  override execute(): never {
    throw new Error('this statement is run on a connection')
  }
}

/** The session of a builder whose statements are compiled. */
export class CompilingSession extends PgSession {
  constructor() {
    super(new PgDialect())
  }

  override prepareQuery(built: Built, fields: Fields | undefined, name: string | undefined) {
    return new Compiled(built, fields, name) as never
  }

  override transaction(): never {
    throw new Error('this session has no connection')
  }
}

type Decode = (value: unknown) => unknown

/** Describes how one property of a row, or of an object in it, is read. */
interface Property {
  readonly name: string
  readonly at: number
  /** Null: the value stays as `pg` reads its type. */
  readonly decode: Decode | null
}

/** Makes the decoder of a row. A field lies in the row, or one level deeper in an object of it. */
function rowDecoder(fields: Fields, joined: Readonly<Record<string, boolean>> = {}): DecodeRow {
  const flat: Property[] = []
  const nested = new Map<string, Property[]>()
  for (const [at, { path, field }] of fields.entries()) {
    const [name = '', inner, ...deeper] = path
    if (deeper.length > 0) throw new Error(`a row has no room for ${path.join('.')}`)
    if (inner === undefined) flat.push({ name, at, decode: decoderOf(field) })
    else nested.set(name, [...(nested.get(name) ?? []), { name: inner, at, decode: decoderOf(field) }])
  }
  const parts = [...nested].map(([name, properties]) => ({
    name,
    properties,
    absentAt: absentAt(properties, fields, joined),
  }))
  return (row) => {
    const decoded = decode(flat, row)
    for (const { name, properties, absentAt } of parts)
      decoded[name] = absentAt !== null && row[absentAt] === null ? null : decode(properties, row)
    return decoded
  }
}

function decode(properties: readonly Property[], row: readonly unknown[]): Record<string, unknown> {
  const decoded: Record<string, unknown> = {}
  for (const { name, at, decode } of properties) {
    const value = row[at]
    decoded[name] = value === null || decode === null ? value : decode(value)
  }
  return decoded
}

/**
 * Finds the column that is null when a left join found no row: the first one, as in Drizzle. Only an object whose
 * columns all come from one table has such a column.
 *
 * @returns its position in the row; null where the object is always there.
 */
function absentAt(
  properties: readonly Property[],
  fields: Fields,
  joined: Readonly<Record<string, boolean>>,
): number | null {
  const columns = properties.flatMap(({ at }) => {
    const field = fields[at]?.field
    return is(field, Column) ? { at, table: getTableName(field.table) } : []
  })
  const [first] = columns
  if (!first || joined[first.table] || columns.some(({ table }) => table !== first.table)) return null
  return first.at
}

interface Decoder {
  mapFromDriverValue: Decode
}

function decoderOf(field: Fields[number]['field']): Decode | null {
  const decoder = decoderIn(field)
  const decode = decoder.mapFromDriverValue
  return decode === Column.prototype.mapFromDriverValue || decode === PLAIN
    ? null
    : (value) => decoder.mapFromDriverValue(value)
}

/** Reads the decoder of an expression, which Drizzle keeps private. */
function decoderIn(field: unknown): Decoder {
  if (is(field, Column)) return field as Decoder
  if (is(field, SQL)) return (field as unknown as { decoder: Decoder }).decoder
  if (is(field, Subquery)) return decoderIn(field._.sql)
  return decoderIn((field as SQL.Aliased).sql)
}

const PLAIN = decoderIn(new SQL([])).mapFromDriverValue

// Leaves times as text: their columns decode them.
const { TIMESTAMPTZ } = pg.types.builtins
const AS_TEXT = {
  getTypeParser: (type: number, format?: string) =>
    type === TIMESTAMPTZ ? (text: string) => text : pg.types.getTypeParser(type, format as 'text'),
}
