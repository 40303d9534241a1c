-- +goose Up
-- When a campaign was put away, and who has asked for its launch.
alter table ${schema}.campaigns
  add column archived_at         timestamptz,
  add column launch_requested_by text not null default '', -- kind:id; '' = nobody has
  add column launch_requested_at timestamptz,
  add column launch_note         text not null default '';
