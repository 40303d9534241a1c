-- +goose Up
-- Signed checkpoints of organisations' histories: a record, not a projection. Who runs Outrider may add to them, and
-- nobody but the owner of the database may change or delete one.

create schema if not exists audit;

create table audit.checkpoints (
  org_id    uuid        not null,
  oseq      bigint      not null,
  chain     bytea       not null check (length(chain) = 32),
  time      timestamptz not null,
  previous  bigint      not null check (previous < oseq), -- oseq of the checkpoint before, 0 at first
  key_id    text        not null,
  signature bytea       not null,
  primary key (org_id, oseq),
  unique (org_id, previous) -- they don't fork
);

alter table audit.checkpoints enable row level security;
alter table audit.checkpoints force row level security;
create policy api on audit.checkpoints as permissive for select to outrider_api
  using (org_id = nullif(current_setting('outrider.org', true), '')::uuid);
create policy projector on audit.checkpoints as permissive for select to outrider_projector using (true);
create policy signer on audit.checkpoints as permissive for insert to outrider_projector with check (true);
grant usage on schema audit to outrider_projector, outrider_api;
grant select on audit.checkpoints to outrider_api;
grant select, insert on audit.checkpoints to outrider_projector;
