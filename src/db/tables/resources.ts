import { sql } from 'drizzle-orm'
import {
  check,
  foreignKey,
  index,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { id, metadata, role, time, version } from './columns.ts'
import { members, orgs } from './orgs.ts'

export const resources = pgTable(
  'resources',
  {
    orgId: uuid('org_id')
      .notNull()
      .references(() => orgs.id, { onDelete: 'cascade' }),
    id: id().notNull(),
    parentId: uuid('parent_id'),
    // The ids from the root of the tree down to this one. They include its ancestors. The path of each descendant
    // begins with them.
    path: uuid('path').array().notNull(),
    type: text('type').notNull(),
    name: text('name').notNull(),
    externalId: text('external_id'),
    metadata: metadata(),
    version: version(),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.orgId, table.id] }),
    foreignKey({ columns: [table.orgId, table.parentId], foreignColumns: [table.orgId, table.id] }),
    index('resources_children').on(table.orgId, table.parentId, table.id),
    // Lists one type, such as all workspaces among thousands of domains.
    index('resources_type').on(table.orgId, table.type, table.id),
    // Arrays sort element by element, so a whole branch is one range.
    index('resources_path').on(table.orgId, table.path),
    uniqueIndex('resources_external_id').on(table.orgId, table.externalId),
    check(
      'resources_place',
      sql`path[cardinality(path)] is not distinct from id and parent_id is not distinct from path[cardinality(path) - 1]`,
    ),
    check('resources_depth', sql`cardinality(path) <= 8`),
  ],
)

/** A role of a member on one resource. It ends with the resource, and with the membership. */
export const grants = pgTable(
  'grants',
  {
    orgId: uuid('org_id').notNull(),
    userId: text('user_id').notNull(),
    resourceId: uuid('resource_id').notNull(),
    role: role(),
    version: version(),
    // When the current role was granted.
    grantedAt: time('granted_at').notNull().defaultNow(),
    grantedByType: text('granted_by_type').$type<'user' | 'service'>().notNull(),
    grantedById: text('granted_by_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.orgId, table.userId, table.resourceId] }),
    foreignKey({
      columns: [table.orgId, table.userId],
      foreignColumns: [members.orgId, members.userId],
    }).onDelete('cascade'),
    foreignKey({
      columns: [table.orgId, table.resourceId],
      foreignColumns: [resources.orgId, resources.id],
    }).onDelete('cascade'),
    // Finds the roles that a person granted, for their erasure.
    index('grants_granted_by').on(table.grantedById),
    index('grants_resource').on(table.orgId, table.resourceId, table.userId),
  ],
)

/** Invoice information of an organisation (no resource), and of each resource that has its own. */
export const billing = pgTable(
  'billing',
  {
    orgId: uuid('org_id')
      .notNull()
      .references(() => orgs.id, { onDelete: 'cascade' }),
    resourceId: uuid('resource_id'),
    legalName: text('legal_name'),
    email: text('email'),
    vatId: text('vat_id'),
    address: jsonb('address').$type<{
      line1: string | null
      line2: string | null
      postalCode: string | null
      city: string | null
      region: string | null
      country: string | null
    }>(),
    purchaseOrder: text('purchase_order'),
    notes: text('notes'),
    version: version(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (table) => [
    unique('billing_place').on(table.orgId, table.resourceId).nullsNotDistinct(),
    foreignKey({
      columns: [table.orgId, table.resourceId],
      foreignColumns: [resources.orgId, resources.id],
    }).onDelete('cascade'),
  ],
)
