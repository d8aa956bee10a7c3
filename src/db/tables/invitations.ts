import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  foreignKey,
  index,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytes, id, metadata, type RoleName, role, time, version } from './columns.ts'
import { orgs, users } from './orgs.ts'

export const invitations = pgTable(
  'invitations',
  {
    orgId: uuid('org_id')
      .notNull()
      .references(() => orgs.id, { onDelete: 'cascade' }),
    id: id().notNull(),
    // Null: an open code, for whoever holds it.
    email: text('email'),
    role: role(),
    // Without a foreign key: whoever accepts is told what has been deleted since.
    resourceRoles: jsonb('resource_roles')
      .$type<{ resourceId: string; role: RoleName }[]>()
      .notNull()
      .default([]),
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
    // Whose address it was, also when they have another one: for their erasure.
    declinedBy: text('declined_by'),
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
    // Those of one status, however many there are of others.
    index('invitations_status').on(table.orgId, table.status, table.id),
    // Whom somebody invited, for their erasure.
    index('invitations_inviter').on(table.inviterId),
    index('invitations_declined_by').on(table.declinedBy).where(sql`declined_by is not null`),
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
