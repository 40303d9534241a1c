-- +goose Up
-- What is delivered to webhooks: a record, as what the world answered is in no log (ADR 66). It holds no personal data.

create schema webhooks;
grant usage on schema webhooks to outrider_projector, outrider_api;

create table webhooks.deliveries (
  org_id      uuid        not null,
  webhook_id  uuid        not null,
  run_id      uuid        not null, -- zero: as it happened; else the replay, redelivery or test that asked for it
  event_id    uuid        not null,
  delivery_id uuid        not null,
  number      bigint      not null generated always as identity,
  oseq        bigint      not null,
  type        text        not null, -- public name
  subject     text        not null,
  happened_at timestamptz not null,
  data        jsonb       not null, -- of the payload, without who the person is
  state       text        not null check (state in ('waiting', 'delivered', 'failed')),
  tries       int         not null default 0,
  attempts    jsonb       not null default '[]', -- [{at, status, ms, error}]
  next_at     timestamptz,
  created_at  timestamptz not null,
  finished_at timestamptz,
  primary key (org_id, webhook_id, run_id, event_id)
);
create unique index deliveries_id on webhooks.deliveries (org_id, delivery_id);
create index deliveries_number on webhooks.deliveries (org_id, webhook_id, number);
create index deliveries_waiting on webhooks.deliveries (org_id, webhook_id, run_id, subject, oseq) where state = 'waiting';
create index deliveries_finished on webhooks.deliveries (finished_at) where finished_at is not null;
call kernel.protect('webhooks.deliveries');

-- One row for each subject of which something waits. Who holds it delivers the oldest of them, so that a subject's order is kept.
create table webhooks.lanes (
  org_id     uuid        not null,
  webhook_id uuid        not null,
  run_id     uuid        not null,
  subject    text        not null,
  next_at    timestamptz not null, -- when it may be taken; of one that is taken: when its lease ends
  lease      uuid,
  primary key (org_id, webhook_id, run_id, subject)
);
create index lanes_due on webhooks.lanes (org_id, webhook_id, next_at);
call kernel.protect('webhooks.lanes');

create table webhooks.health (
  org_id        uuid        not null,
  webhook_id    uuid        not null,
  delivered_at  timestamptz, -- last success
  failing_since timestamptz, -- null: the last delivery succeeded
  rest_until    timestamptz, -- it asked to be left alone
  primary key (org_id, webhook_id)
);
call kernel.protect('webhooks.health');
