import { getTableColumns } from 'drizzle-orm'
import { orgs } from '../../../db/tables/orgs.ts'

const {
  deletedAt: _deletedAt,
  namedAfter: _namedAfter,
  lastSequence: _lastSequence,
  ...columns
} = getTableColumns(orgs)

/** An organisation as the domain knows it. */
export const ORG = columns
