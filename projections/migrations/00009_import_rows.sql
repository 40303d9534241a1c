-- +goose Up
-- What became of an import's rows, and what was left out of them. As in 00001: no now(), no sequences.

alter table ${schema}.imports
  add column header_row int,                              -- that names the columns; 0 = none does, null = not said
  add column left_out   text[]  not null default '{}',    -- columns
  add column dry_run_id uuid,                             -- whose rows it takes in earnest
  add column suppressed int     not null default 0,       -- rows with an address that nothing can be sent to
  add column warnings   jsonb   not null default '{}';    -- rows by field and code, {"time_zone time_zone_unknown": 3}

-- Rows one behind the other that came to the same.
create table ${schema}.import_runs (
  org_id    uuid not null,
  import_id uuid not null,
  from_row  int  not null,
  to_row    int  not null, -- inclusive
  outcome   text not null, -- created, updated
  primary key (org_id, import_id, from_row)
);
call kernel.protect('${schema}.import_runs');

create table ${schema}.import_warnings (
  org_id    uuid not null,
  import_id uuid not null,
  row       int  not null,
  field     text not null,
  code      text not null,
  primary key (org_id, import_id, row, field, code)
);
call kernel.protect('${schema}.import_warnings');
