-- +goose Up
-- What links an organisation to those that identity providers know. As in 00001: no now(), no sequences.

create table ${schema}.identity_links (
  org_id      uuid        not null,
  link_id     uuid        not null, -- follows from provider and external id
  oseq        bigint      not null,
  provider    text        not null,
  external_id text        not null,
  role        text        not null, -- of who joins by coming; '' = nobody does
  domains     jsonb       not null, -- of their addresses; [] = whichever
  linked_at   timestamptz not null,
  updated_at  timestamptz not null,
  ended_at    timestamptz,
  primary key (org_id, link_id)
);
call kernel.protect('${schema}.identity_links');
