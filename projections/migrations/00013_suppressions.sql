-- +goose Up
-- How far a suppression reaches, and whose it is. As in 00001: no now(), no sequences.

alter table ${schema}.suppressions
  add column subdomains boolean not null default false, -- of a domain: those below it too
  add column lead_id    uuid;                           -- of an address: the lead that had it then
create index suppressions_hash on ${schema}.suppressions (org_id, hash);

alter table ${schema}.lead_suppressions
  add column subdomains boolean not null default false;

-- What the domains of leads lie below, hashed.
create table ${schema}.lead_subdomains (
  org_id uuid not null,
  hash   text not null,
  parent text not null,
  levels int  not null, -- above it
  primary key (org_id, hash, parent)
);
create index lead_subdomains_parent on ${schema}.lead_subdomains (org_id, parent);
call kernel.protect('${schema}.lead_subdomains');
