-- +goose Up
-- Whose a key is, where it may be used from, where it was, and the secret before the one that it has now.
alter table identity.api_keys
  add column person_id      uuid, -- null: the organisation's or the operator's
  add column networks       cidr[] not null default '{}', -- that it may be used from; none = from anywhere
  add column last_used_from text,
  add column rotation_id    uuid, -- of the newest rotation, so that a repeat is known
  add column rotated_at     timestamptz,
  add column old_hash       bytea check (length(old_hash) = 32), -- of the secret before
  add column old_until      timestamptz; -- until when that is taken
create index on identity.api_keys (person_id) where person_id is not null;
