-- +goose Up
-- Something that the master key has wrapped, so that a lost or foreign one is known before anything is written with it.
create table vault.master_key_check (
  only_row boolean primary key default true check (only_row),
  wrapped  bytea   not null
);
grant select, insert, update, delete on vault.master_key_check to outrider_vault;
