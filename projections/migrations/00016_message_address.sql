-- +goose Up
-- Which address a message went to, as a hash: what is reported of it is about that one. Messages of before don't say.
alter table ${schema}.messages add column address_hash text not null default '';
