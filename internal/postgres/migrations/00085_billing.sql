-- +goose Up
-- What the payment provider has told us, and who its customers are.

create schema billing;

-- A record: an organisation is one customer, found by the provider's id.
create table billing.customers (
  org_id      uuid primary key,
  customer_id text not null unique
);

-- Notifications, each once by the provider's id. A row says what to read again, not what it was told; it goes when it is old.
create table billing.hints (
  event_id    text        primary key,
  event_type  text        not null,
  object_id   text        not null,
  customer_id text        not null,
  created_at  timestamptz not null, -- by the provider's clock
  received_at timestamptz not null,
  tries       int         not null default 0,
  try_at      timestamptz not null,
  done_at     timestamptz,          -- null = to be read again
  outcome     text        not null default ''
);
create index hints_open on billing.hints (try_at) where done_at is null;
create index hints_done on billing.hints (done_at) where done_at is not null;

-- Numbers what is read of the provider, in the order in which it is begun. They never go back, also where this table is lost.
create table billing.readings (
  single boolean primary key default true check (single),
  last   bigint  not null
);
insert into billing.readings (last) values (0);

-- What a comparison of the provider with what we show has found; the newest last.
create table billing.comparisons (
  comparison_id uuid        primary key,
  begun_at      timestamptz not null,
  ended_at      timestamptz,          -- null = it was asked for, or is under way
  customers     int         not null default 0,
  differences   jsonb       not null default '[]', -- [{organization_id, object, field, provider, ours, mended}]
  error         text        not null default ''
);
create index comparisons_begun on billing.comparisons (begun_at);

grant usage on schema billing to outrider_identity;
grant select, insert, update, delete on billing.customers, billing.hints, billing.readings, billing.comparisons to outrider_identity;
