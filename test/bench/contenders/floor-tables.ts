// The floor's own tables: only the columns and indexes that its statements need, with Muster's names, so that the same
// rows can be planted.

export const FLOOR_TABLES = `
  create table users (id text primary key, email text, email_verified boolean, name text);
  create table orgs (id uuid primary key, name text not null);
  create table members (
    org_id uuid not null references orgs, user_id text not null references users, role text not null, source text,
    joined_at timestamptz(3) not null default now(), primary key (org_id, user_id));
  create index on members (user_id, org_id);
  create index on members (org_id, joined_at, user_id);
  create table resources (
    org_id uuid not null references orgs, id uuid not null, parent_id uuid, path uuid[] not null, type text, name text,
    primary key (org_id, id));
  create table grants (
    org_id uuid not null, user_id text not null, resource_id uuid not null, role text not null, granted_by_type text,
    granted_by_id text, primary key (org_id, user_id, resource_id));
  create table invitations (
    id uuid primary key default gen_random_uuid(), org_id uuid not null references orgs, email text not null,
    role text not null, status text not null default 'pending', inviter_id text not null, code_hash bytea not null unique,
    created_at timestamptz(3) not null default now(), expires_at timestamptz(3) not null default now() + interval '7 days');
  create unique index on invitations (org_id, email) where status = 'pending'`

/** Builds the statement of an operation from its parameters: `$1` for `pg`, expressions for pgbench. */
export type Statement = (...parameters: string[]) => string

export const STATEMENTS = {
  /** User. */
  me: (user) => `
    select id, email, name, (
      select json_agg(json_build_object('id', orgs.id, 'name', orgs.name, 'role', members.role))
      from members join orgs on orgs.id = members.org_id where members.user_id = users.id) as orgs
    from users where id = ${user}`,

  /** User, organisation, resource. */
  check: (user, org, resource) => `
    select coalesce(
      (select role from members where org_id = ${org} and user_id = ${user} and role <> 'member'),
      (select grants.role from resources join grants on grants.org_id = resources.org_id
        and grants.user_id = ${user} and grants.resource_id = any(resources.path)
        where resources.org_id = ${org} and resources.id = ${resource} limit 1)) as role`,

  /** User, and for each question the organisation and the resource. */
  checks: (user, orgs, resources) => `
    select coalesce(
      (select role from members where org_id = asked.org_id and user_id = ${user} and role <> 'member'),
      (select grants.role from resources join grants on grants.org_id = resources.org_id
        and grants.user_id = ${user} and grants.resource_id = any(resources.path)
        where resources.org_id = asked.org_id and resources.id = asked.resource_id limit 1)) as role
    from unnest((select ${orgs}::uuid[]), (select ${resources}::uuid[]))
      with ordinality as asked (org_id, resource_id, position)
    order by asked.position`,

  /** User, organisation, how many. */
  members: (user, org, limit) => `
    select users.id as "userId", users.name, users.email, members.role, members.joined_at as "joinedAt"
    from members join users on users.id = members.user_id
    where members.org_id = ${org}
      and exists (select from members as caller where caller.org_id = ${org} and caller.user_id = ${user})
    order by members.joined_at, members.user_id limit ${limit}`,

  /** User. */
  orgs: (user) => `
    select orgs.id, orgs.name, members.role from members join orgs on orgs.id = members.org_id
    where members.user_id = ${user} order by orgs.id limit 26`,

  /** The code's hash. */
  preview: (hash) => `
    select json_build_object('id', orgs.id, 'name', orgs.name) as org, invitations.role, expires_at as "expiresAt"
    from invitations join orgs on orgs.id = invitations.org_id
    where code_hash = ${hash} and status = 'pending' and expires_at > now()`,

  /** User, organisation, address, role, the code's hash. */
  invite: (user, org, email, role, hash) => `
    insert into invitations (org_id, email, role, inviter_id, code_hash)
    select org_id, ${email}, ${role}, user_id, ${hash} from members
    where org_id = ${org} and user_id = ${user} and role = 'admin'
    returning id, org_id as "orgId", email, role, status, expires_at as "expiresAt"`,

  /** User, verified address, name, the code's hash. */
  accept: (user, email, name, hash) => `
    with claimed as (
      update invitations set status = 'accepted'
      where code_hash = ${hash} and status = 'pending' and expires_at > now() and email = ${email}
      returning org_id, role),
    known as (
      insert into users (id, email, email_verified, name) values (${user}, ${email}, true, ${name})
      on conflict (id) do update set email = excluded.email, name = excluded.name)
    insert into members (org_id, user_id, role, source) select org_id, ${user}, role, 'invitation' from claimed
    returning org_id as "orgId", user_id as "userId", role`,
} satisfies Record<string, Statement>
