-- +goose Up
-- What operators decide and what they are told about projections.

-- A record, not a cache: a rebuild passes over the same events, else it would make other rows than the live projection has.
create schema operations;
create table operations.skipped_events (
  projection text        not null,
  partition  int         not null,
  pseq       bigint      not null,
  event_id   uuid        not null,
  event_type text        not null,
  org_id     uuid        not null,
  error      text        not null, -- what stopped the projection there
  reason     text        not null, -- why somebody let it go on without the event
  skipped_at timestamptz not null default now(),
  primary key (projection, partition, pseq)
);
grant usage on schema operations to outrider_projector;
grant select on operations.skipped_events to outrider_projector;

-- Where projections stand still, written by their runners; a row goes when its projection goes on.
create table kernel.stopped_projections (
  projection text        not null,
  version    int         not null,
  partition  int         not null,
  pseq       bigint      not null,
  event_id   uuid        not null,
  event_type text        not null,
  org_id     uuid        not null,
  error      text        not null,
  since      timestamptz not null default now(),
  primary key (projection, version, partition)
);
grant select, insert, update, delete on kernel.stopped_projections to outrider_projector;
grant select on kernel.stopped_projections to outrider_api;

-- Projections that are built anew beside the live ones.
create table kernel.rebuilds (
  projection text        primary key,
  program    text        not null, -- version that builds it: another one begins again
  prepared   boolean     not null, -- its tables are complete
  started_at timestamptz not null default now(),
  saved      boolean     not null default false -- a swap in ClickHouse is under way, and what was live is safe
);

-- The newest comparison of an organisation's log with what is shown of it.
create table kernel.reconciliations (
  org_id      uuid        primary key,
  checked_at  timestamptz not null,
  agrees      boolean     not null,
  checks      jsonb       not null -- [{name, log, shown, agrees}]
);
call kernel.protect('kernel.reconciliations');
