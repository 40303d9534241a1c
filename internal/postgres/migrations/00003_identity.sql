-- +goose Up
-- What must be unique across organisations or must not be in a log: a record, not a projection.

create table identity.slugs (
  slug        text primary key,
  org_id      uuid not null,
  state       text not null check (state in ('reserved', 'confirmed')),
  reserved_at timestamptz not null
);
create index on identity.slugs (org_id);

create table identity.api_keys (
  id           uuid primary key,
  org_id       uuid, -- null: a key of the platform's operator
  name         text   not null,
  prefix       text   not null, -- what a list shows to tell keys apart
  hash         bytea  not null check (length(hash) = 32), -- SHA-256 of the secret
  scopes       text[] not null,
  created_at   timestamptz not null,
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz
);
create index on identity.api_keys (org_id, created_at);

grant usage on schema identity to outrider_identity;
grant select, insert, update, delete on all tables in schema identity to outrider_identity;
