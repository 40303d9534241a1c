-- +goose Up
-- Deletions of organisations that can still be taken back, and the organisations that are deleted for good.

alter table ${schema}.organizations
  add column deletion_asked_at timestamptz,
  add column erase_at          timestamptz;

create table ${schema}.deleted_organizations (
  org_id     uuid        not null,
  deleted_at timestamptz not null,
  primary key (org_id)
);
call kernel.protect('${schema}.deleted_organizations');
