-- +goose Up
-- What the keys of an organisation are still good for; no row: everything. Follows from the log, by oseq.
create table identity.organisation_access (
  org_id uuid   primary key,
  access text   not null check (access in ('full', 'read', 'none')),
  oseq   bigint not null -- of the event that said so
);
grant select, insert, update, delete on identity.organisation_access to outrider_identity;
