-- +goose Up
-- Connections to services of others: CRMs, calendars. As in 00001: no now(), no sequences.

create table ${schema}.connections (
  org_id        uuid        not null,
  connection_id uuid        not null,
  oseq          bigint      not null, -- nothing before it is told by itself
  provider      text        not null,
  account       jsonb       not null, -- sealed
  account_hash  text        not null,
  person_id     uuid,                 -- whose it is; null = the organisation's
  interrupted   text        not null default '', -- why it needs somebody; '' = it doesn't
  detail        text        not null default '',
  paused        boolean     not null default false,
  pause_reason  text        not null default '',
  since         timestamptz not null,  -- of the state that it is in
  settings      jsonb,                 -- of a CRM; null = nothing is mapped
  created_at    timestamptz not null,
  updated_at    timestamptz not null,
  primary key (org_id, connection_id)
);
call kernel.protect('${schema}.connections');
