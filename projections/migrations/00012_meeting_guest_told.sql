-- +goose Up
-- When the guest of a cancelled meeting was told so.
alter table ${schema}.meetings add column guest_told_at timestamptz;
