-- +goose Up
-- What the organisation may say about itself. As in 00001: no now(), no sequences.

create table ${schema}.claims (
  org_id         uuid        not null,
  claim_id       uuid        not null,
  oseq           bigint      not null, -- of its first version
  campaign_id    uuid,                 -- null = of the whole organisation
  version        int         not null,
  version_id     uuid        not null,
  text           text        not null,
  source         text        not null,
  valid_until    timestamptz,
  approved_by    text        not null, -- kind and id
  approved_at    timestamptz not null,
  created_at     timestamptz not null,
  retired_at     timestamptz,
  retired_reason text        not null,
  retired_by     text        not null,
  primary key (org_id, claim_id)
);
create index claims_order on ${schema}.claims (org_id, oseq);
call kernel.protect('${schema}.claims');

create table ${schema}.claim_versions (
  org_id      uuid        not null,
  claim_id    uuid        not null,
  version     int         not null,
  oseq        bigint      not null,
  version_id  uuid        not null, -- what evidence of drafts names; versions of the same words share it
  text        text        not null,
  source      text        not null,
  valid_until timestamptz,
  approved_by text        not null,
  approved_at timestamptz not null,
  primary key (org_id, claim_id, version)
);
create index claim_versions_said on ${schema}.claim_versions (org_id, version_id);
call kernel.protect('${schema}.claim_versions');
