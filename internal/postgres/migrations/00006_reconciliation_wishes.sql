-- +goose Up
-- What organisations asked to be compared now. A row stays behind its answer, so that nobody asks again at once.

create table kernel.reconciliation_wishes (
  org_id       uuid        primary key,
  wish_id      uuid        not null, -- the same for a request that is repeated
  requested_at timestamptz not null default now(),
  pending      boolean     not null default true, -- false in the transaction that stores the result, or when it is given up
  attempts     int         not null default 0,
  tried_at     timestamptz
);
call kernel.protect('kernel.reconciliation_wishes');
create policy wishes on kernel.reconciliation_wishes as permissive for insert to outrider_api
  with check (org_id = nullif(current_setting('outrider.org', true), '')::uuid);
create policy wishes_again on kernel.reconciliation_wishes as permissive for update to outrider_api
  using (org_id = nullif(current_setting('outrider.org', true), '')::uuid);
grant insert, update on kernel.reconciliation_wishes to outrider_api;

-- When an organisation was last compared together with all others: what one asks for doesn't put the nightly comparison off.
alter table kernel.reconciliations add column all_checked_at timestamptz;
update kernel.reconciliations set all_checked_at = checked_at;
