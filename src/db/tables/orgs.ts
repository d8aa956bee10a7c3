import { sql } from 'drizzle-orm'
import { bigint, boolean, index, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { id, metadata, role, time, version } from './columns.ts'

export const users = pgTable(
  'users',
  {
    id: text('id').primaryKey(),
    email: text('email'),
    emailVerified: boolean('email_verified').notNull().default(false),
    name: text('name'),
    // Null for a person whom Muster knows of, but who has never called `signIn`.
    signedUpAt: time('signed_up_at'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    // Tells whether a person with this address is a member already.
    index('users_email').on(table.email),
    // Find people whose name or address begins with a text. Compared by bytes.
    index('users_called').on(sql`lower(name) text_pattern_ops`),
    index('users_addressed').on(sql`lower(email) text_pattern_ops`),
  ],
)

export const orgs = pgTable(
  'orgs',
  {
    id: id().primaryKey(),
    name: text('name').notNull(),
    slug: text('slug'),
    logoUrl: text('logo_url'),
    memberAccess: text('member_access').$type<'granted' | 'all'>().notNull().default('granted'),
    metadata: metadata(),
    externalId: text('external_id'),
    version: version(),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
    // When set, the org is gone for everyone. The members stay in their rows, so that a restore brings them back.
    deletedAt: time('deleted_at'),
    // The person Muster named it after, until a caller gives it another name.
    namedAfter: text('named_after'),
    // The sequence of its newest event.
    lastSequence: bigint('last_sequence', { mode: 'number' }).notNull().default(0),
  },
  (table) => [
    uniqueIndex('orgs_slug').on(table.slug),
    uniqueIndex('orgs_external_id').on(table.externalId),
    index('orgs_named_after').on(table.namedAfter).where(sql`named_after is not null`),
    index('orgs_deleted').on(table.deletedAt).where(sql`deleted_at is not null`),
  ],
)

export const members = pgTable(
  'members',
  {
    orgId: uuid('org_id')
      .notNull()
      .references(() => orgs.id, { onDelete: 'cascade' }),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    role: role(),
    source: text('source').$type<'created' | 'invitation' | 'provisioned'>().notNull(),
    version: version(),
    joinedAt: time('joined_at').notNull().defaultNow(),
    // When the current role was granted. Null when that was not recorded, as before there were resources.
    grantedAt: time('granted_at'),
    grantedByType: text('granted_by_type').$type<'user' | 'service'>(),
    grantedById: text('granted_by_id'),
  },
  (table) => [
    primaryKey({ columns: [table.orgId, table.userId] }),
    index('members_user').on(table.userId, table.orgId),
    // Lists a user's organisations in the order they joined. A user in thousands is shown the first hundred.
    index('members_user_joined').on(table.userId, table.joinedAt, table.orgId),
    index('members_joined').on(table.orgId, table.joinedAt, table.userId),
    // Lists the Admins, or Accounting. Not all roles: since the role is in the index too, the planner would use it for
    // the gate, and look for one member among all members.
    index('members_above_joined')
      .on(table.orgId, table.role, table.joinedAt, table.userId)
      .where(sql`role <> 'member'`),
    // Finds the Admins. The last-admin guard reads them under the row lock of the org.
    index('members_admins').on(table.orgId).where(sql`role = 'admin'`),
    // Finds the roles that a person granted, for their erasure.
    index('members_granted_by').on(table.grantedById),
    // Finds members whose role alone gives them a right on every resource.
    index('members_above').on(table.orgId, table.userId).where(sql`role <> 'member'`),
  ],
)
