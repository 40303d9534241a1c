-- +goose Up
alter table ${schema}.message_evidence add column lapsed text not null default ''; -- why something that the draft says doesn't hold any more
