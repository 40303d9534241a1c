-- +goose Up
-- Keys and secrets: a record, not a projection. A deleted row is gone for good, and what it had encrypted with it.

-- The root key of an organisation, wrapped by the master key. Keyed hashes and the wrapping of person keys derive from it.
create table vault.organisation_keys (
  org_id     uuid primary key,
  wrapped    bytea not null,
  created_at timestamptz not null default now()
);

-- One row a person and nothing that a lookup doesn't need: 20,000 of them are written a second during an import.
-- key_id is random: a key made after an erasure never answers for one that was erased.
create table vault.person_keys (
  org_id  uuid   not null,
  subject uuid   not null,
  key_id  bigint not null,
  wrapped bytea  not null,
  primary key (org_id, subject)
);

-- Keys of raw import files, destroyed some days after the import.
create table vault.import_keys (
  import_id  uuid primary key,
  org_id     uuid  not null,
  wrapped    bytea not null,
  expires_at timestamptz not null
);
create index on vault.import_keys (expires_at);

-- Passwords and tokens of outside services. Events hold the name only.
create table vault.secrets (
  org_id     uuid not null,
  name       text not null,
  sealed     bytea not null,
  updated_at timestamptz not null default now(),
  primary key (org_id, name)
);

grant usage on schema vault to outrider_vault;
grant select, insert, update, delete on all tables in schema vault to outrider_vault;
