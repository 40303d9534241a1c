-- +goose Up
-- Conflicts that somebody has resolved; null: the rule has.
alter table integrations.conflicts add column resolved_at timestamptz;
