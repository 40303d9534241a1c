-- +goose Up
-- Roles of an organisation's own. As in 00001: no now(), no sequences.

create table ${schema}.roles (
  org_id      uuid        not null,
  role_id     uuid        not null,
  oseq        bigint      not null,
  name        text        not null,
  description text        not null,
  permissions text        not null, -- sorted, with a space between
  created_at  timestamptz not null,
  updated_at  timestamptz not null,
  removed_at  timestamptz,
  primary key (org_id, role_id)
);
call kernel.protect('${schema}.roles');
