/** A part of the product that a race proves to be needed: text of `src` that is taken out, or a constraint. */
export type Guard = { readonly name: string } & (Passage | { readonly drop: string })

interface Passage {
  readonly file: string
  /** Text that is in the file exactly once. */
  readonly text: string
  /** Text that replaces it; by default, none. */
  readonly instead?: string
}

/** Makes all changes of an organisation, its members and its invitations wait for each other. */
export const ORG_LOCK: Guard = {
  name: 'the lock of the org',
  file: 'domain/orgs/queries/locks.ts',
  text: `    .where(and(isThis, isNull(orgs.deletedAt)))
    .for('no key update')`,
  instead: '    .where(and(isThis, isNull(orgs.deletedAt)))',
}

/** The same lock, taken to change a resource or a grant on one. */
export const ORG_LOCK_OF_RESOURCE: Guard = {
  name: 'the lock of the org by who changes a resource',
  file: 'domain/resources/lock.ts',
  text: 'together(lockOrg(tx, orgId), ',
  instead: 'together({}, ',
}

/** The same lock, taken by a person who holds an invitation. */
export const ORG_LOCK_OF_INVITED: Guard = {
  name: 'the lock of the org by who accepts or declines',
  file: 'domain/invitations/queries/claims.ts',
  text: `
    .for('no key update', { of: orgs })`,
}

export const ORG_LOCK_OF_RESTORE: Guard = {
  name: 'the lock of the org by who restores it',
  file: 'domain/orgs/queries/locks.ts',
  text: `      ),
    )
    .for('no key update')`,
  instead: `      ),
    )`,
}

/** The wrong order: the new member's foreign key locks the org's row for key share, and the caller then wants it all. */
export const ORG_LOCK_BEFORE_MEMBER: Guard = {
  name: 'that lock before the member is inserted, but with one after it',
  file: 'domain/invitations/accept.ts',
  text: '    insertGrantsOfMember(tx, ',
  instead: `    tx.$client.query(\`select from orgs where id = '\${invitation.orgId}' for update\`),
    insertGrantsOfMember(tx, `,
}

export const CLAIM: Guard = {
  name: 'the compare-and-set of the use: uses < maxUses',
  file: 'domain/invitations/queries/claims.ts',
  text: `
        and status = 'pending' and expires_at > now() and uses < max_uses`,
}

export const USES_CHECK: Guard = {
  name: 'the check constraint: uses between 0 and max_uses',
  drop: 'alter table invitations drop constraint invitations_uses',
}

export const ONE_PENDING: Guard = {
  name: 'the unique index: one pending for an address',
  drop: 'drop index invitations_one_pending',
}

export const ONE_SLUG: Guard = { name: 'the unique index: slug', drop: 'drop index orgs_slug' }

export const ONE_EXTERNAL_ID: Guard = {
  name: 'the unique index: externalId',
  drop: 'drop index resources_external_id',
}

export const DEPTH_CHECK: Guard = {
  name: 'the check constraint: at most eight deep',
  drop: 'alter table resources drop constraint resources_depth',
}

export const FIRST_SIGN_IN: Guard = {
  name: 'the compare-and-set: signed_up_at is null',
  file: 'domain/users/queries/profiles.ts',
  text: ".where(and(eq(users.id, sql.placeholder('userId')), isNull(users.signedUpAt)))",
  instead: ".where(eq(users.id, sql.placeholder('userId')))",
}

export const USER_ONCE: Guard = {
  name: 'on conflict, of who is inserted by two',
  file: 'domain/users/queries/profiles.ts',
  text: `
    .onConflictDoUpdate({
      target: users.id,
      set: {
        email: sql\`coalesce(excluded.email, users.email)\`,
        emailVerified: sql\`case when excluded.email is null then users.email_verified else excluded.email_verified end\`,
        name: sql\`coalesce(excluded.name, users.name)\`,
      },
    })`,
}

export const KEY_LOCK: Guard = {
  name: 'the advisory lock of the key',
  file: 'http/idempotency/once.ts',
  text: 'if (!isFree)',
  instead: 'if (false)',
}

export const BATCH_ORDER: Guard = {
  name: 'the order in which a batch takes its addresses',
  file: 'domain/invitations/invite-batch.ts',
  text: `
    .sort((a, b) => (a.address < b.address ? -1 : 1))`,
}

export const INVITER_COUNTER: Guard = {
  name: 'the advisory lock of the inviter',
  file: 'domain/invitations/queries/sendings.ts',
  text: `by.type === 'user' ? [\`inviter \${by.id}\`] : []`,
  instead: '[]',
}

export const ADDRESS_COUNTER: Guard = {
  name: 'the advisory lock of the address',
  file: 'domain/invitations/queries/sendings.ts',
  text: `email !== null ? [\`mail \${email}\`] : []`,
  instead: '[]',
}

export const GUESS_COUNTER: Guard = {
  name: 'the advisory lock of who guesses',
  file: 'domain/invitations/queries/guesses.ts',
  text: 'inOrder.map((key) => turn(tx, { key }))',
  instead: '[]',
}

export const MAIL_LOCK: Guard = {
  name: 'the lock of the invitation by the mail job',
  file: 'jobs/mail/queries.ts',
  text: ' for no key update of invitations',
}
