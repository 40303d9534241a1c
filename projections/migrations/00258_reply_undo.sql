-- +goose Up
-- How long answers from the inbox can be taken back.
alter table ${schema}.organizations add column reply_undo_seconds int not null default 10;
