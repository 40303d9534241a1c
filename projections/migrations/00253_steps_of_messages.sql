-- +goose Up
-- A row is updated without new entries in its indexes (HOT) only where none of them is on what changes. The state and the slot of a message change with every
-- step on its way out, so indexes are on the stage, which changes twice: waiting for somebody, on its way out, and over (null).
drop index ${schema}.messages_waiting;
drop index ${schema}.messages_scheduled;
drop index ${schema}.messages_doubt;
alter table ${schema}.messages add column stage text generated always as
  (case when state in ('drafted', 'held', 'in_doubt') then state when state in ('requested', 'approved', 'scheduled', 'claimed', 'deferred') then 'moving' end) stored;
create index messages_stage on ${schema}.messages (org_id, stage, oseq) where stage is not null;
create index messages_moving on ${schema}.messages (org_id, oseq) where stage = 'moving';
create index messages_doubt on ${schema}.messages (doubted_at) where doubted_at is not null;
alter table ${schema}.enrollments set (fillfactor = 80); -- changed with every step of a sequence
