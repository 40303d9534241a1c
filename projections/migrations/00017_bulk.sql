-- +goose Up
-- Bulk operations on leads. As in 00001: no now(), no sequences.

create table ${schema}.bulk_jobs (
  org_id          uuid        not null,
  bulk_id         uuid        not null,
  oseq            bigint      not null,
  action          text        not null, -- tag, untag, enroll, remove, suppress
  tags            jsonb       not null,
  campaign_id     uuid,
  status          text        not null, -- running, completed
  next            text        not null default '', -- where the filter goes on
  asked           int         not null,
  done            int         not null default 0,
  unchanged       int         not null default 0,
  refused         int         not null default 0,
  refused_by_code jsonb       not null,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  primary key (org_id, bulk_id)
);
call kernel.protect('${schema}.bulk_jobs');

-- The leads of bulk operations that were refused, from 1 in each operation.
create table ${schema}.bulk_refused (
  org_id  uuid   not null,
  bulk_id uuid   not null,
  n       bigint not null,
  lead_id uuid   not null,
  code    text   not null,
  primary key (org_id, bulk_id, n)
);
call kernel.protect('${schema}.bulk_refused');
