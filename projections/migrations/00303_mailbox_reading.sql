-- +goose Up
alter table ${schema}.mailboxes
  add column reading_failure text not null default '', -- why its inbox can't be read
  add column reading_failed_since timestamptz;
