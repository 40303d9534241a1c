-- +goose Up
-- The rules by which leads are scored, and what they make of them. As in 00001: no now(), no sequences.

create table ${schema}.score_rules (
  org_id       uuid        not null,
  version      int         not null,
  oseq         bigint      not null,
  rules        jsonb       not null, -- as in the event
  ages         boolean     not null, -- all leads are scored again once a day
  actor_kind   text        not null,
  actor_id     text        not null,
  set_at       timestamptz not null,
  started_at   timestamptz not null, -- all leads being scored, the last time
  leads        int         not null, -- that there were then
  done         int         not null, -- of them
  changed      int         not null,
  through      bigint      not null, -- oseq of the last one
  completed_at timestamptz,
  primary key (org_id, version)
);
call kernel.protect('${schema}.score_rules');

alter table ${schema}.leads
  add column lead_score    int         not null default -1, -- -1 = no score
  add column intent_score  int         not null default -1,
  add column qualification text        not null default '',
  add column score_version int         not null default 0,  -- of the rules
  add column scored_at     timestamptz;
create index leads_score on ${schema}.leads (org_id, lead_score, oseq);
create index leads_domain on ${schema}.leads (org_id, domain_hash); -- whom a fact about a company is about
