import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  customType,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { v7 as uuidv7 } from 'uuid'

// Milliseconds, so that a JavaScript Date holds a time exactly and a keyset cursor never skips a row.
const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 })
const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
const id = () => uuid('id').$defaultFn(() => uuidv7())
const metadata = () => jsonb('metadata').$type<Record<string, unknown>>().notNull().default({})
const version = () => integer('version').notNull().default(1)

export const users = pgTable(
  'users',
  {
    id: text('id').primaryKey(),
    email: text('email'),
    emailVerified: boolean('email_verified').notNull().default(false),
    name: text('name'),
    // Null for somebody Muster knows of, but who has never said "I signed in".
    signedUpAt: time('signed_up_at'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  // Is somebody with this address a member already?
  (table) => [index('users_email').on(table.email)],
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
    // Set: gone for everyone. The members stay in their rows, so that a restore brings them back.
    deletedAt: time('deleted_at'),
  },
  (table) => [
    uniqueIndex('orgs_slug').on(table.slug),
    uniqueIndex('orgs_external_id').on(table.externalId),
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
    role: text('role').$type<'admin' | 'accounting' | 'member'>().notNull(),
    source: text('source').$type<'created' | 'invitation' | 'provisioned'>().notNull(),
    version: version(),
    joinedAt: time('joined_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.orgId, table.userId] }),
    index('members_user').on(table.userId, table.orgId),
    index('members_joined').on(table.orgId, table.joinedAt, table.userId),
    // Who are the Admins? Read by the last-admin guard under the org's lock.
    index('members_admins').on(table.orgId).where(sql`role = 'admin'`),
  ],
)

export const invitations = pgTable(
  'invitations',
  {
    orgId: uuid('org_id')
      .notNull()
      .references(() => orgs.id, { onDelete: 'cascade' }),
    id: id().notNull(),
    // Null: an open code, for whoever holds it.
    email: text('email'),
    role: text('role').$type<'admin' | 'accounting' | 'member'>().notNull(),
    // A lapsed invitation reads as expired by the clock; the word is stored only when a new one takes its place.
    status: text('status')
      .$type<'pending' | 'accepted' | 'declined' | 'revoked' | 'expired'>()
      .notNull()
      .default('pending'),
    expiresInDays: smallint('expires_in_days').notNull(),
    maxUses: smallint('max_uses').notNull().default(1),
    uses: smallint('uses').notNull().default(0),
    allowedEmailDomains: text('allowed_email_domains').array().notNull().default(sql`'{}'`),
    message: text('message'),
    metadata: metadata(),
    inviterType: text('inviter_type').$type<'user' | 'service'>().notNull(),
    inviterId: text('inviter_id').notNull(),
    delivery: text('delivery').$type<'none' | 'queued' | 'sent' | 'failed'>().notNull().default('none'),
    declineReason: text('decline_reason'),
    version: version(),
    createdAt: time('created_at').notNull().defaultNow(),
    expiresAt: time('expires_at').notNull(),
    acceptedAt: time('accepted_at'),
    declinedAt: time('declined_at'),
    revokedAt: time('revoked_at'),
    lastSentAt: time('last_sent_at'),
  },
  (table) => [
    primaryKey({ columns: [table.orgId, table.id] }),
    // One live invitation for an address in an org, whatever happens at the same time.
    uniqueIndex('invitations_one_pending').on(table.orgId, table.email).where(sql`status = 'pending'`),
    // The bell, and acceptance by id.
    index('invitations_bell').on(table.email, table.id),
    index('invitations_pending').on(table.orgId, table.expiresAt).where(sql`status = 'pending'`),
    check('invitations_uses', sql`uses between 0 and max_uses`),
  ],
)

/** Each handing out of an invitation's secret: by mail (`email` set) or in an answer. Limits are counted here. */
export const sendings = pgTable(
  'sendings',
  {
    id: id().primaryKey(),
    orgId: uuid('org_id').notNull(),
    invitationId: uuid('invitation_id').notNull(),
    email: text('email'),
    resend: boolean('resend').notNull(),
    // Whose limit it counts for. A service has none of its own, and leaves this null.
    sentBy: text('sent_by'),
    createdAt: time('created_at').notNull().defaultNow(),
    sentAt: time('sent_at'),
  },
  (table) => [
    foreignKey({
      columns: [table.orgId, table.invitationId],
      foreignColumns: [invitations.orgId, invitations.id],
    }).onDelete('cascade'),
    index('sendings_invitation').on(table.orgId, table.invitationId, table.createdAt),
    index('sendings_email').on(table.email, table.createdAt),
    index('sendings_sender').on(table.sentBy, table.createdAt),
  ],
)

/** SHA-256 of each code that opens an invitation. A mail that had to be tried twice leaves two, both valid. */
export const invitationCodes = pgTable(
  'invitation_codes',
  {
    hash: bytes('hash').primaryKey(),
    orgId: uuid('org_id').notNull(),
    invitationId: uuid('invitation_id').notNull(),
  },
  (table) => [
    foreignKey({
      columns: [table.orgId, table.invitationId],
      foreignColumns: [invitations.orgId, invitations.id],
    }).onDelete('cascade'),
    index('invitation_codes_invitation').on(table.orgId, table.invitationId),
  ],
)

/** Who joined by which invitation: nobody uses one twice, also after being removed. */
export const acceptances = pgTable(
  'acceptances',
  {
    orgId: uuid('org_id').notNull(),
    invitationId: uuid('invitation_id').notNull(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    acceptedAt: time('accepted_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.orgId, table.invitationId, table.userId] }),
    foreignKey({
      columns: [table.orgId, table.invitationId],
      foreignColumns: [invitations.orgId, invitations.id],
    }).onDelete('cascade'),
    index('acceptances_user').on(table.userId),
  ],
)

/** First answers, kept 24 h. Both columns that could tell something are hashed or sealed; see docs/decisions. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    id: bytes('id').primaryKey(),
    fingerprint: bytes('fingerprint').notNull(),
    answer: bytes('answer').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [index('idempotency_keys_created').on(table.createdAt)],
)

/** Wrong codes, by the hash of who tried. They count for a minute, and are deleted within about the hour. */
export const wrongCodes = pgTable(
  'wrong_codes',
  {
    id: id().primaryKey(),
    triedBy: bytes('tried_by').notNull(),
    triedAt: time('tried_at').notNull().defaultNow(),
  },
  (table) => [
    index('wrong_codes_tried').on(table.triedBy, table.triedAt),
    index('wrong_codes_old').on(table.triedAt),
  ],
)
