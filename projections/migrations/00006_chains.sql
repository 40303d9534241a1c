-- +goose Up
-- How far each organisation's chain is, read again from the content. As in 00001: no now(), no sequences.

create table ${schema}.chains (
  org_id uuid        not null primary key,
  oseq   bigint      not null, -- of the newest event
  chain  bytea       not null, -- there
  time   timestamptz not null,
  broken bigint                -- oseq of the first event whose chain value doesn't follow from its content; null = none
) with (fillfactor = 50);
call kernel.protect('${schema}.chains');
