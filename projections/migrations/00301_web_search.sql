-- +goose Up
-- Searches for web sites of companies. As in 00001: no now(), no sequences.
alter table ${schema}.ai_settings add column search jsonb not null default '{}'; -- whether, and with whose key

create table ${schema}.web_searches (
  org_id          uuid        not null,
  search_id       uuid        not null,
  oseq            bigint      not null,
  searched_id     uuid        not null, -- whose company: a lead, or the company of a mail domain
  lead_id         uuid        not null, -- for whom it was asked
  campaign_id     uuid,
  mail_company_id uuid,                 -- of a mail domain
  cause           text        not null, -- enrolled, asked, expired, no_site; '' = it was skipped at once
  state           text        not null, -- requested, or what came of it: found, not_found, several, failed, skipped
  reason          text        not null, -- of failed and skipped
  results         int         not null,
  refused         int         not null, -- of them, at hosts of which nothing is read
  looked          int         not null, -- sites
  pages           int         not null, -- that were asked for; while it is under way, that are set aside
  company_id      uuid,                 -- whose site was found: that of its domain, or that of the mail domain
  site            text,                 -- its domain, where it isn't the company's own
  requested_at    timestamptz not null,
  ended_at        timestamptz,
  actor_kind      text        not null,
  actor_id        text        not null,
  primary key (org_id, search_id)
);
create index web_searches_searched on ${schema}.web_searches (org_id, searched_id, oseq);
create index web_searches_company on ${schema}.web_searches (org_id, company_id, oseq) where company_id is not null;
call kernel.protect('${schema}.web_searches');
