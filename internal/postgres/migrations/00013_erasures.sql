-- +goose Up
-- Which erasures of the log are done, so that a backup of this schema that comes back is known for what it lacks.
create table vault.erasures (
  event_id uuid primary key
);

-- Which keys are destroyed, so that a table of keys that comes back alone is known as well.
create table vault.erased_keys (
  org_id  uuid   not null,
  subject uuid   not null,
  key_id  bigint not null,
  primary key (org_id, subject, key_id)
);

-- How far the log was looked through for erasures.
create table vault.erasure_marks (
  topic        text   not null,
  partition    int    not null,
  epoch        bigint not null,
  pseq         bigint not null,
  log_offset   bigint not null,
  leader_epoch int    not null,
  primary key (topic, partition)
);
grant select, insert, update, delete on vault.erasures, vault.erased_keys, vault.erasure_marks to outrider_vault;
