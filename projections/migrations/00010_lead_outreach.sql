-- +goose Up
-- Where a lead stands, and what lists look for. Rows of before say "new" and nothing of suppressions until leads are rebuilt.

alter table ${schema}.leads
  add column address_hash      text not null default '',
  add column domain_hash       text not null default '',
  add column search            text not null default '', -- address, name and company in small letters; empty when the person is erased
  add column open_enrollments  int  not null default 0,  -- that have not come to their end
  add column enrolled_at       timestamptz,              -- the first time
  add column contacted_at      timestamptz,              -- the last time that a message left
  add column replied_at        timestamptz,              -- the first answer by a person
  add column meetings          int  not null default 0,  -- booked and not cancelled
  add column suppressed_by     text not null default '', -- address, domain; empty = nothing
  add column suppressed_reason text not null default '',
  add column suppressed_at     timestamptz;
update ${schema}.leads set outreach_status = 'in_progress' where outreach_status = 'enrolled';
create index leads_address on ${schema}.leads (org_id, address_hash);
create index leads_status on ${schema}.leads (org_id, outreach_status, oseq);

-- What is suppressed, by its hash: leads that come later are covered too.
create table ${schema}.lead_suppressions (
  org_id         uuid        not null,
  kind           text        not null,
  hash           text        not null,
  suppression_id uuid        not null,
  reason         text        not null,
  created_at     timestamptz not null,
  primary key (org_id, hash, kind)
);
call kernel.protect('${schema}.lead_suppressions');
