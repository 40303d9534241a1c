-- +goose Up
-- Meetings that were moved, and what came of them. As in 00001: no now(), no sequences.
alter table ${schema}.meetings
  add column moves        int         not null default 0,
  add column moved_at     timestamptz,
  add column move_told_at timestamptz,
  add column outcome      text        not null default '';
