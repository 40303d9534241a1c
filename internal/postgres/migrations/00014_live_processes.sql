-- +goose Up
-- Who runs now, by role: each process renews its row, and one that isn't renewed counts no more. A cache.
create table kernel.live_processes (
  role       text        not null,
  process_id uuid        not null,
  seen_at    timestamptz not null, -- by the database's clock, the only one that all share
  primary key (role, process_id)
) with (fillfactor = 50);
grant usage on schema kernel to outrider_identity;
grant select, insert, update, delete on kernel.live_processes to outrider_identity;
