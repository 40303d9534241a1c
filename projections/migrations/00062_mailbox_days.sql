-- +goose Up
-- What a mailbox sent day by day.
create index messages_mailbox_sent on ${schema}.messages (org_id, mailbox_id, sent_at) where sent_at is not null;
