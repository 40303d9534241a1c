-- +goose Up
alter table ${schema}.messages
  add column delivered_at timestamptz,
  add column delayed_at timestamptz,
  add column delays int not null default 0,
  add column dropped_at timestamptz,
  add column drop_reason text not null default '';

alter table ${schema}.mailboxes add column webhook_keys jsonb; -- WebhookKeys
