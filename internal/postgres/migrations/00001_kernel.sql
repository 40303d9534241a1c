-- +goose Up
-- What projection runners remember. No tenant data lives here.

create table kernel.checkpoints (
  projection   text   not null,
  version      int    not null,
  partition    int    not null,
  pseq         bigint not null, -- last applied event, 0 before the first
  epoch        bigint not null, -- the arbiter's epoch after that event
  "offset"     bigint not null, -- where reading goes on in the topic
  leader_epoch int    not null, -- Kafka's, to notice a truncated log
  updated_at   timestamptz not null default now(),
  primary key (projection, version, partition)
) with (fillfactor = 50); -- updated with every batch: leave room for updates in the same page

create table kernel.pending_ranges (
  projection text   not null,
  version    int    not null,
  partition  int    not null,
  from_pseq  bigint not null,
  to_pseq    bigint not null check (to_pseq >= from_pseq),
  token      text   not null, -- insert_deduplication_token of exactly this range
  created_at timestamptz not null default now(),
  primary key (projection, version, partition, from_pseq)
);

grant usage on schema kernel to outrider_projector, outrider_api;
grant select, insert, update, delete on kernel.checkpoints, kernel.pending_ranges to outrider_projector;
grant select on kernel.checkpoints to outrider_api; -- waits for positions
grant usage on schema read to outrider_projector, outrider_api;

-- kernel.protect makes a table of schema read a tenant table: it is the only thing that grants access to it,
-- so a table that was forgotten can't be read by the api at all.
-- current_setting(..., true) is null when never set and '' after a transaction that set it: both mean no rows.
-- +goose StatementBegin
create procedure kernel.protect(tbl regclass, org_column name default 'org_id') language plpgsql as $$
begin
  execute format('alter table %s enable row level security', tbl);
  execute format('alter table %s force row level security', tbl);
  execute format('create policy api on %s as permissive for select to outrider_api
    using (%I = nullif(current_setting(''outrider.org'', true), '''')::uuid)', tbl, org_column);
  execute format('create policy projector on %s as permissive for all to outrider_projector
    using (true) with check (true)', tbl);
  execute format('grant select on %s to outrider_api', tbl);
  execute format('grant select, insert, update, delete, truncate on %s to outrider_projector', tbl);
end $$;
-- +goose StatementEnd
revoke all on procedure kernel.protect(regclass, name) from public;
