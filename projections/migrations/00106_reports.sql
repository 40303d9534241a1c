-- +goose Up
-- Saved reports and their runs. As in 00001: no now(), no sequences.

create table ${schema}.reports (
  org_id     uuid        not null,
  report_id  uuid        not null,
  oseq       bigint      not null,
  name       text        not null,
  plan       jsonb       not null, -- events.ReportPlan
  next_at    timestamptz,          -- when it runs by itself
  version    int         not null,
  created_by text        not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  removed_at timestamptz,
  primary key (org_id, report_id)
);
create unique index reports_order on ${schema}.reports (org_id, oseq);
call kernel.protect('${schema}.reports');

create table ${schema}.report_runs (
  org_id     uuid        not null,
  run_id     uuid        not null,
  report_id  uuid        not null,
  oseq       bigint      not null,
  name       text        not null,
  status     text        not null, -- running, completed, failed, removed
  reason     text        not null,
  from_day   text        not null,
  to_day     text        not null,
  time_zone  text        not null,
  due_at     timestamptz,          -- null = somebody asked
  rows       int         not null,
  files      jsonb       not null, -- []events.ReportFile
  expires_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (org_id, run_id)
);
create unique index report_runs_order on ${schema}.report_runs (org_id, oseq);
create index report_runs_of on ${schema}.report_runs (org_id, report_id, oseq desc);
call kernel.protect('${schema}.report_runs');
