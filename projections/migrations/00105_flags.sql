-- +goose Up
-- Flags of the installation, under the reserved organisation, and what they switch in the others. As in 00001: no now(), no sequences.

create table ${schema}.flags (
  org_id     uuid        not null,
  flag       text        not null,
  rule       jsonb       not null, -- events.FlagRule
  seed       uuid        not null,
  killed     boolean     not null,
  phase      text        not null, -- waiting, open, over
  version    int         not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (org_id, flag)
);
call kernel.protect('${schema}.flags');

-- Each version of a flag, with who made it.
create table ${schema}.flag_versions (
  org_id     uuid        not null,
  oseq       bigint      not null,
  flag       text        not null,
  version    int         not null,
  change     text        not null, -- type of the event
  rule       jsonb       not null,
  seed       uuid        not null,
  killed     boolean     not null,
  phase      text        not null,
  reason     text        not null,
  actor_kind text        not null,
  actor_id   text        not null,
  at         timestamptz not null,
  primary key (org_id, oseq)
);
create unique index flag_versions_order on ${schema}.flag_versions (org_id, flag, version);
call kernel.protect('${schema}.flag_versions');

create table ${schema}.flag_switches (
  org_id      uuid        not null,
  flag        text        not null,
  is_on       boolean     not null,
  version     int         not null, -- of the flag
  why         text        not null,
  switched_at timestamptz not null,
  primary key (org_id, flag)
);
call kernel.protect('${schema}.flag_switches');
