-- +goose Up
-- Requests of organisations by billing period: a record. Each row is what one process has counted so far, the zero id what others had that have ended.
create table identity.api_calls (
  org_id      uuid        not null,
  period_from timestamptz not null,
  process_id  uuid        not null,
  calls       bigint      not null,
  written_at  timestamptz not null,
  primary key (org_id, period_from, process_id)
);
create index on identity.api_calls (written_at);
grant select, insert, update, delete on identity.api_calls to outrider_identity;
