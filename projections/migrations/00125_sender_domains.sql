-- +goose Up
-- Domains that mail is sent from, and what they publish. As in 00001: no now(), no sequences.

create table ${schema}.sender_domains (
  org_id       uuid        not null,
  domain_id    uuid        not null,
  oseq         bigint      not null,
  domain_hash  text        not null,
  name         text        not null default '', -- '' before the first check
  outcome      text        not null default '', -- passed, failed, unknown; '' before the first check
  checks       jsonb       not null, -- []events.DomainCheck
  evidence     jsonb       not null, -- events.DomainEvidence
  checked_at   timestamptz,
  requested_at timestamptz,
  signing      jsonb,                -- events.SenderDomainSigningSet
  host         text        not null default '', -- of links
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  version      int         not null,
  primary key (org_id, domain_id)
);
create unique index sender_domains_order on ${schema}.sender_domains (org_id, oseq);
call kernel.protect('${schema}.sender_domains');
