-- +goose Up
alter table ${schema}.mailboxes add column connection jsonb; -- of mailbox.connected, as it stands in the log: sealed, secrets by name
