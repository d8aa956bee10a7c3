import { type SQL, sql } from 'drizzle-orm'
import type { Sql, Tx } from '../../db/client.ts'
import { lockFeed } from '../../domain/events/queries/feed-lock.ts'
import { RESTORABLE_DAYS } from '../../domain/orgs/org.ts'
import { DELIVERIES_KEPT_DAYS } from '../../domain/webhooks/webhook.ts'

// A batch is what one statement deletes well within its two seconds. An org goes when nothing large is left in it.

// One minute more than a restore has, so that a restore begun in time never finds half an organisation.
const beyondRestoring = sql`orgs.deleted_at < now() - make_interval(days => ${RESTORABLE_DAYS}, mins => 1)`

export async function deleteOldInvitations(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from invitations where (org_id, id) in (select invitations.org_id, invitations.id
      from orgs join invitations on invitations.org_id = orgs.id where ${beyondRestoring} limit 1000)`,
  )
}

export async function deleteOldGrants(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from grants where (org_id, user_id, resource_id) in (select grants.org_id, grants.user_id,
      grants.resource_id from orgs join grants on grants.org_id = orgs.id where ${beyondRestoring} limit 5000)`,
  )
}

export async function deleteOldMembers(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from members where (org_id, user_id) in (select members.org_id, members.user_id
      from orgs join members on members.org_id = orgs.id where ${beyondRestoring}
      and not exists (select from grants where grants.org_id = members.org_id
        and grants.user_id = members.user_id) limit 1000)`,
  )
}

/** Deletes from the leaves up: a resource goes when no other lies in it any more. */
export async function deleteOldResources(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from resources where (org_id, id) in (select resources.org_id, resources.id
      from orgs join resources on resources.org_id = orgs.id where ${beyondRestoring}
      and not exists (select from resources as below where below.org_id = resources.org_id
        and below.parent_id = resources.id) limit 1000)`,
  )
}

export async function deleteOldOrgs(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from orgs where id in (select id from orgs where ${beyondRestoring}
      and not exists (select from invitations where invitations.org_id = orgs.id)
      and not exists (select from members where members.org_id = orgs.id)
      and not exists (select from resources where resources.org_id = orgs.id)
      limit 100 for update skip locked)`,
  )
}

export async function deleteOldIdempotencyKeys(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from idempotency_keys where id in (select id from idempotency_keys
      where created_at < now() - interval '24 hours' order by created_at limit 1000 for update skip locked)`,
  )
}

// The next two look only at the oldest rows of a table, by its key: no other row can be past its time.

export async function deleteOldDeliveries(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from deliveries where id in (
      select id from (select id, created_at from deliveries order by id limit 1000 for update skip locked) as oldest
      where created_at < now() - make_interval(days => ${DELIVERIES_KEPT_DAYS}))`,
  )
}

/**
 * Also records the highest purged position, so that an older cursor gets 410. Positions are assigned after the commit,
 * timestamps before it, so an old event can follow a younger one. It is kept until that one is old too.
 */
export async function deleteOldEvents(tx: Tx, days: number): Promise<number> {
  await lockFeed(tx)
  return deleted(
    tx,
    sql`with first as (
        select place.position, event_id, coalesce(occurred_at < now() - make_interval(days => ${days}), true) as is_old
        from (select position, event_id from feed_places order by position limit 1000) as place
        left join events on id = event_id),
      old as (select position, event_id from first
        where position < all (select position from first where not is_old)),
      noted as (update feed set purged = greatest(purged, (select max(position) from old))),
      ended as (delete from events where id = any (array(select event_id from old)))
      delete from feed_places where position = any (array(select position from old))`,
  )
}

export async function deleteOldWrongCodes(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from wrong_codes where id in (select id from wrong_codes
      where tried_at < now() - interval '1 minute' limit 1000 for update skip locked)`,
  )
}

async function deleted(db: Sql, statement: SQL): Promise<number> {
  return (await db.execute(statement)).rowCount ?? 0
}
