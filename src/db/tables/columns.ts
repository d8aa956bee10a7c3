import { customType, integer, jsonb, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { v7 as uuidv7 } from 'uuid'

/** Milliseconds, so that a JavaScript Date holds a time exactly and a keyset cursor never skips a row. */
export const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 })

export const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
export const id = () => uuid('id').$defaultFn(() => uuidv7())
export const metadata = () => jsonb('metadata').$type<Record<string, unknown>>().notNull().default({})
export const version = () => integer('version').notNull().default(1)

export type RoleName = 'admin' | 'accounting' | 'member'
export const role = () => text('role').$type<RoleName>().notNull()
