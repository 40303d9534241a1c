-- +goose Up
-- What the roles of an organisation's own permit: a copy of what its log says, by oseq, for who authenticates.
create table identity.roles (
  org_id      uuid not null,
  role_id     uuid not null,
  permissions text[] not null, -- none = the role was removed
  oseq        bigint not null, -- of the event that said so
  primary key (org_id, role_id)
);

grant select, insert, update, delete on identity.roles to outrider_identity;

-- Which table of permissions a key was issued by. 0: before pii:read was one; such a key counts as having it. A process from before
-- writes 0, too.
alter table identity.api_keys add column permissions_version smallint not null default 0;
