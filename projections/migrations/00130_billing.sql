-- +goose Up
-- What an organisation pays. As in 00001: no now(), no sequences.

create table ${schema}.billing (
  org_id       uuid        not null primary key,
  customer_id  text        not null, -- of the payment provider; '' = none
  subscription jsonb,      -- events.Subscription, the newest; null = there was none
  overrides    jsonb       not null, -- {limit: value} that hold for this organisation alone
  exceeded     jsonb,      -- events.PlanExceeded, the newest since the plan changed
  failed       jsonb,      -- events.PaymentFailed, the newest; null once that invoice is settled
  updated_at   timestamptz not null
);
call kernel.protect('${schema}.billing');

create table ${schema}.invoices (
  org_id          uuid        not null,
  invoice_id      uuid        not null, -- follows from the provider's
  oseq            bigint      not null, -- when it was seen first
  provider_id     text        not null,
  number          text        not null,
  status          text        not null,
  currency        text        not null,
  subtotal        bigint      not null,
  tax             bigint      not null,
  total           bigint      not null,
  amount_due      bigint      not null,
  amount_paid     bigint      not null,
  attempts        int         not null,
  created_at      timestamptz not null,
  next_attempt_at timestamptz,
  paid_at         timestamptz,
  lines           jsonb       not null, -- []events.InvoiceLine
  primary key (org_id, invoice_id)
);
call kernel.protect('${schema}.invoices');
create index invoices_created on ${schema}.invoices (org_id, created_at);

alter table ${schema}.members add column seat_paused boolean not null default false;
