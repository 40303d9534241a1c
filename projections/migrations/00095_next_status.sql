-- +goose Up
-- Why an organisation has its status, and which one comes by itself.

alter table ${schema}.organizations
  add column status_cause   text not null default '',
  add column next_status    text not null default '',
  add column next_status_at timestamptz;

update ${schema}.organizations set status_cause = 'operator' where status <> 'active';
update ${schema}.organizations set next_status = 'suspended', next_status_at = trial_ends_at where status = 'active' and trial_ends_at is not null and not trial_ended;
