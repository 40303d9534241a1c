-- +goose Up
-- Who moved and cancelled meetings. As in 00001: no now(), no sequences.
alter table ${schema}.meetings
  add column moved_by     text not null default '',
  add column cancelled_by text not null default '';
