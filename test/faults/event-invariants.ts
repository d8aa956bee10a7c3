/**
 * A statement that answers a `complaint` for each event too many or too few. It checks what each change moves besides
 * the thing itself: the count of its organisation, and a version.
 */
export function brokenEvents(): string {
  return `
  select 'events, the last sequence, and the count of the org ' || id || ' differ: '
      || concat_ws(', ', log.count, log.last, last_sequence) as complaint
    from orgs left join (select org_id, count(*) as count, min(sequence) as first, max(sequence) as last
      from events group by org_id) as log on log.org_id = orgs.id
    where (log.count, log.first, log.last) is distinct from (last_sequence, 1::bigint, last_sequence)
  union all select 'without an organisation, and has a number: ' || id from events
    where (org_id is null) <> (sequence is null)
  union all select 'version ' || version || ' of the org ' || id || ', and not as many events' from orgs
    where version <> ${count(`org_id = orgs.id and type like 'org.%'`)}
  union all select 'version ' || version || ' of the member ' || user_id || ', and not as many events' from members
    where version <> 1 + ${count(`type = 'member.role_changed' and ${ofMember} and sequence > ${since('member.added', ofMember)}`)}
  union all select 'version ' || version || ' of a grant to ' || user_id || ', and not as many events' from grants
    where version <> 1 + ${count(`type = 'grant.changed' and ${ofGrant} and sequence > ${since('grant.added', ofGrant)}`)}
  -- A move renames too, here, and is one change with it.
  union all select 'version ' || version || ' of the resource ' || id || ', and not as many events' from resources
    where version <> ${count(`org_id = resources.org_id and subject_id = resources.id::text
      and type in ('resource.created', 'resource.updated')`)}
  union all select 'uses of the invitation ' || id || ', and not as many events' from invitations
    where uses <> ${count(`${ofInvitation} and type = 'invitation.accepted'`)}
  -- One that had lapsed and made room for a new one has a version more: until a resend brings it back, or it is revoked.
  union all select 'version ' || version || ' of the invitation ' || id || ', and not as many events' from invitations
    where version - ${count(ofInvitation)} not between 0
      and ${count(`${ofInvitation} and type = 'invitation.resent'`)} + (status in ('expired', 'revoked'))::int
  union all select 'placed ' || placed || ', and there are ' || count || ' places up to ' || last from feed,
    (select count(*) as count, coalesce(max(position), 0) as last from feed_places) as places
    where (count, last) <> (placed, placed)
  union all select 'in the queue or the feed ' || count(place) || ' times: ' || coalesce(id, place) from events
    full join (select event_id as place from feed_queue union all select event_id from feed_places) as places
      on place = id group by id, place having id is null or count(place) <> 1
  union all select 'out of its order in the feed: ' || events.id from events
    join feed_places as place on place.event_id = events.id
    join events as earlier on earlier.org_id = events.org_id and earlier.sequence = events.sequence - 1
    left join feed_places as before on before.event_id = earlier.id
    where place.position <= coalesce(before.position, place.position)`
}

const count = (condition: string) => `(select count(*) from events where ${condition})`
const since = (type: string, of: string) =>
  `(select max(sequence) from events where type = '${type}' and ${of})`

const ofMember = `org_id = members.org_id and subject_id = members.user_id`
const ofGrant = `org_id = grants.org_id and subject_id = grants.user_id
  and data ->> 'resourceId' = grants.resource_id::text`
const ofInvitation = `org_id = invitations.org_id and subject_id = invitations.id::text`
