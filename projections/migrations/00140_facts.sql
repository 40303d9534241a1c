-- +goose Up
-- What is known of leads and companies. As in 00001: no now(), no sequences.

create table ${schema}.facts (
  org_id       uuid        not null,
  fact_id      uuid        not null,
  oseq         bigint      not null,
  lead_id      uuid,                 -- whom it is about, or
  company_id   uuid,                 -- which company
  predicate    text        not null,
  object       text,                 -- null once the person is erased; so are the next two
  source_url   text,
  quote        text,
  content_hash text        not null, -- of the page that it was found on
  method       text        not null, -- json_ld, rule, model, person, import, provider
  confidence   int         not null, -- in percent
  found_at     timestamptz not null,
  expires_at   timestamptz,
  stale_at     timestamptz,
  stale_reason text        not null,
  actor_kind   text        not null,
  actor_id     text        not null,
  recorded_at  timestamptz not null,
  primary key (org_id, fact_id)
);
create index facts_lead on ${schema}.facts (org_id, lead_id, oseq) where lead_id is not null;
create index facts_company on ${schema}.facts (org_id, company_id, oseq) where company_id is not null;
call kernel.protect('${schema}.facts');

create table ${schema}.companies (
  org_id      uuid        not null,
  company_id  uuid        not null, -- follows from the domain
  oseq        bigint      not null,
  name        text,
  domain      text,
  recorded_at timestamptz not null,
  primary key (org_id, company_id)
);
create index companies_order on ${schema}.companies (org_id, oseq);
call kernel.protect('${schema}.companies');
