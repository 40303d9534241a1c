-- +goose Up
-- What people set for themselves in the dashboard: records. org_id is the zero id for what holds in all of a person's organisations.
create table identity.person_settings (
  person_id  uuid        not null references identity.people on delete cascade,
  org_id     uuid        not null,
  kind       text        not null, -- preferences, notifications
  value      jsonb       not null,
  updated_at timestamptz not null,
  primary key (person_id, org_id, kind)
);

-- Views of lists that people have saved, for themselves or for all of an organisation.
create table identity.saved_views (
  view_id    uuid        primary key,
  org_id     uuid        not null,
  person_id  uuid        not null references identity.people on delete cascade,
  page       text        not null,
  name       text        not null,
  shared     boolean     not null,
  value      jsonb       not null, -- filters, order, columns
  updated_at timestamptz not null
);
create index on identity.saved_views (org_id, page);
create index on identity.saved_views (person_id);

grant select, insert, update, delete on identity.person_settings, identity.saved_views to outrider_identity;
