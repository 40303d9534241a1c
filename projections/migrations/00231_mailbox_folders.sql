-- +goose Up
alter table ${schema}.mailboxes
  add column folders jsonb, -- []events.MailFolder
  add column read_folders jsonb; -- []string
