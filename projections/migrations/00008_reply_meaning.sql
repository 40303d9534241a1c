-- +goose Up
-- What an answer means; events of before don't say.
alter table ${schema}.inbox_items add column meaning text not null default '';
alter table ${schema}.inbox_threads add column last_meaning text not null default '';
