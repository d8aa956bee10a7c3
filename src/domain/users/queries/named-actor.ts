import { type SQL, sql } from 'drizzle-orm'
import type { NamedActor } from '../../actor.ts'

/**
 * Builds the `NamedActor` from the columns that hold its type and id. The columns are written out with their table,
 * because Drizzle drops table names in a select from one table.
 */
export function namedActor(type: SQL, id: SQL): SQL<NamedActor> {
  return sql<NamedActor>`json_build_object('type', ${type}, 'userId', ${id},
    'name', (select users.name from users where users.id = ${id} and ${type} = 'user'))`
}
