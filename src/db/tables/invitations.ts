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
    // Null: an open code, for anyone who holds it.
    email: text('email'),
    role: role(),
    // No foreign key: acceptance tells the caller which resources have been deleted since.
    resourceRoles: jsonb('resource_roles')
      .$type<{ resourceId: string; role: RoleName }[]>()
      .notNull()
      .default([]),
    // A lapsed invitation reads as expired by the clock. The word is stored only when a new invitation takes its place.
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
    // The user who had the address and declined, for their erasure: they may have another address by now.
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
    // Allows one pending invitation for an address in an org, also under concurrent calls.
    uniqueIndex('invitations_one_pending').on(table.orgId, table.email).where(sql`status = 'pending'`),
    // Serves the bell, and acceptance by id.
    index('invitations_bell').on(table.email, table.id),
    // Lists the invitations of one status, however many have another.
    index('invitations_status').on(table.orgId, table.status, table.id),
    // Finds the invitations that a person sent, for their erasure.
    index('invitations_inviter').on(table.inviterId),
    index('invitations_declined_by').on(table.declinedBy).where(sql`declined_by is not null`),
    index('invitations_pending').on(table.orgId, table.expiresAt).where(sql`status = 'pending'`),
    check('invitations_uses', sql`uses between 0 and max_uses`),
  ],
)

/**
 * One row for each time an invitation's code is handed out: by mail (`email` set) or in an answer. Limits count these.
 */
export const sendings = pgTable(
  'sendings',
  {
    id: id().primaryKey(),
    orgId: uuid('org_id').notNull(),
    invitationId: uuid('invitation_id').notNull(),
    email: text('email'),
    resend: boolean('resend').notNull(),
    // The user whose limit it counts against. Null for a service, which has no limit of its own.
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

/** SHA-256 of each code that opens an invitation. A mail that was tried twice leaves two, both valid. */
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

/** Records who joined by which invitation. No user can use one twice, even after being removed. */
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
