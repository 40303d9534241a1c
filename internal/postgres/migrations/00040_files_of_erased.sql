-- +goose Up
-- Somebody was erased while the file was read, and may stand in it: nothing of it is kept once it is.
alter table vault.import_keys add column keep_nothing boolean not null default false;
