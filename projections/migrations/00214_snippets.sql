-- +goose Up
-- Texts that members put into answers. As in 00001: no now(), no sequences.

create table ${schema}.snippets (
  org_id     uuid        not null,
  snippet_id uuid        not null,
  oseq       bigint      not null, -- of the first version
  version    int         not null,
  name       text        not null,
  text       text        not null,
  changed_by text        not null, -- kind and id
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (org_id, snippet_id)
);
create index snippets_order on ${schema}.snippets (org_id, oseq);
call kernel.protect('${schema}.snippets');
