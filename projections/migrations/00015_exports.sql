-- +goose Up
-- Files of an organisation's data. As in 00001: no now(), no sequences.

create table ${schema}.exports (
  org_id     uuid        not null,
  export_id  uuid        not null,
  oseq       bigint      not null,
  kind       text        not null, -- leads, messages, suppressions
  status     text        not null, -- running, completed, failed, deleted
  reason     text        not null default '',
  rows       int         not null default 0,
  bytes      bigint      not null default 0,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (org_id, export_id)
);
create unique index exports_order on ${schema}.exports (org_id, oseq);
call kernel.protect('${schema}.exports');
