-- +goose Up
-- Why a draft was rejected last; null once the person is erased.
alter table ${schema}.message_texts add column rejected_note text;
