-- +goose Up
-- People, how they sign in, and what they may be signed in to: a record, not a projection.

-- One row a person, whatever organisations they are a member of.
create table identity.people (
  id              uuid primary key,
  email           text not null unique, -- normalised; whoever is here has shown that it is theirs
  first_name      text not null,
  last_name       text not null,
  password        text not null, -- argon2id in PHC form, its parameters within
  active          boolean not null default true,
  created_at      timestamptz not null,
  last_sign_in_at timestamptz
);

-- Who is a member of what. Follows from the log, by oseq.
create table identity.memberships (
  person_id uuid not null,
  org_id    uuid not null,
  role      text not null, -- '' = no longer
  oseq      bigint not null, -- of the event that said so
  primary key (person_id, org_id)
);
create index on identity.memberships (org_id);

-- A row a sign-in: a browser, or a program that acts as a person.
create table identity.sessions (
  id         uuid primary key,
  person_id  uuid not null references identity.people on delete cascade,
  org_id     uuid, -- that it speaks for; null = none
  created_at timestamptz not null,
  used_at    timestamptz not null,
  expires_at timestamptz not null,
  ended_at   timestamptz,
  address    text not null, -- that it was used from last
  user_agent text not null
);
create index on identity.sessions (person_id);
create index on identity.sessions (org_id);

-- Tokens that renew a session, once each. What was used stays as long as its session: who shows it again has stolen it, or was stolen from.
create table identity.refresh_tokens (
  id         uuid primary key,
  session_id uuid not null references identity.sessions on delete cascade,
  hash       bytea not null check (length(hash) = 32),
  used_at    timestamptz
);
create index on identity.refresh_tokens (session_id);

-- Links that were mailed: to confirm an address, to set a new password, to accept an invitation.
create table identity.mailed_links (
  id         uuid primary key,
  kind       text not null,
  hash       bytea not null check (length(hash) = 32),
  about      text not null, -- address, person or invitation
  data       jsonb not null,
  expires_at timestamptz not null
);
create index on identity.mailed_links (kind, about);
create index on identity.mailed_links (expires_at);

-- Failed sign-ins, by a hash of the account, the address, or both. A row goes when it is old.
create table identity.sign_in_failures (
  what     bytea primary key,
  failures int not null,
  until    timestamptz not null, -- nobody is let try before
  last_at  timestamptz not null
);
create index on identity.sign_in_failures (last_at);

-- Public halves of the keys that sign access tokens; the others are in the vault.
create table identity.signing_keys (
  id         text primary key,
  public     bytea not null check (length(public) = 32),
  signs_from timestamptz not null,
  created_at timestamptz not null
);

grant select, insert, update, delete on all tables in schema identity to outrider_identity;
