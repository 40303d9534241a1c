-- +goose Up
-- What was passed over in a mailbox's folders; no event of before tells any.
alter table ${schema}.mailboxes
  add column unreadable jsonb not null default '[]'; -- list of UnreadableMail, the newest last
