-- +goose Up
-- Readings of companies' web sites. As in 00001: no now(), no sequences.

create table ${schema}.researches (
  org_id       uuid        not null,
  research_id  uuid        not null,
  oseq         bigint      not null,
  company_id   uuid        not null,
  lead_id      uuid,                 -- for whom it was asked
  campaign_id  uuid,
  cause        text        not null, -- enrolled, asked, expired; '' = it was skipped at once
  state        text        not null, -- requested, completed, failed, skipped
  reason       text        not null, -- of failed and skipped
  pages        int         not null, -- that were asked for; while it is under way, that are set aside
  pages_read   int         not null,
  refused      int         not null,
  facts        int         not null,
  dropped      int         not null,
  stale        int         not null,
  report       text,                 -- JSON; null where its key is gone
  requested_at timestamptz not null,
  ended_at     timestamptz,
  fresh_until  timestamptz,
  actor_kind   text        not null,
  actor_id     text        not null,
  primary key (org_id, research_id)
);
create index researches_company on ${schema}.researches (org_id, company_id, oseq);
call kernel.protect('${schema}.researches');

create table ${schema}.research_settings (
  org_id      uuid  not null,
  campaign_id uuid  not null, -- zero = the organisation's own
  settings    jsonb not null,
  primary key (org_id, campaign_id)
);
call kernel.protect('${schema}.research_settings');
