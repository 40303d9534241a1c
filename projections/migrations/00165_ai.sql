-- +goose Up
-- Language models: what an organisation has chosen, and a ledger of what was asked of them. As in 00001: no now(), no sequences.

create table ${schema}.ai_settings (
  org_id       uuid        not null primary key,
  version      int         not null,
  provider     text        not null, -- platform, own
  base_url     text        not null,
  key_id       uuid        not null, -- of the vault; the zero id = none
  models       jsonb       not null, -- events.AIModel by task
  limit_micros bigint      not null, -- 0 = none of its own
  stopped      text        not null, -- why nobody is asked; '' = they are
  stopped_at   timestamptz,
  stopped_by   text        not null, -- kind and id
  changed_at   timestamptz not null
);
call kernel.protect('${schema}.ai_settings');

create table ${schema}.ai_usage (
  org_id         uuid        not null,
  call_id        uuid        not null,
  oseq           bigint      not null, -- of its reservation
  task           text        not null, -- extract, write, classify
  provider       text        not null,
  model          text        not null,
  campaign_id    uuid        not null, -- that it is for; the zero id = none, as for the next two
  lead_id        uuid        not null,
  message_id     uuid        not null,
  outcome        text        not null, -- '' = it goes on
  reason         text        not null,
  at_most_micros bigint      not null,
  cost_micros    bigint      not null,
  input_tokens   int         not null,
  cached_tokens  int         not null,
  output_tokens  int         not null,
  prompt_hash    text        not null,
  seed           int         not null,
  answer         jsonb,                -- sealed; null without one, and once the person is erased
  milliseconds   int         not null,
  period_from    timestamptz not null, -- billing period in which it counts
  reserved_at    timestamptz not null,
  settled_at     timestamptz,
  primary key (org_id, call_id)
);
create index ai_usage_oseq on ${schema}.ai_usage (org_id, oseq);
create index ai_usage_period on ${schema}.ai_usage (org_id, period_from);
create index ai_usage_lead on ${schema}.ai_usage (org_id, lead_id);
call kernel.protect('${schema}.ai_usage');
