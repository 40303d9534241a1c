-- +goose Up
-- Filters of leads that members have saved. As in 00001: no now(), no sequences.

create table ${schema}.segments (
  org_id     uuid        not null,
  segment_id uuid        not null,
  oseq       bigint      not null, -- of the first version
  version    int         not null,
  name       text        not null,
  filter     jsonb       not null,
  changed_by text        not null, -- kind and id
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (org_id, segment_id)
);
create index segments_order on ${schema}.segments (org_id, oseq);
call kernel.protect('${schema}.segments');
