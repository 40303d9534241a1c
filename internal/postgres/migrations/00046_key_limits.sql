-- +goose Up
-- How many requests a minute a key may make, of those that its organisation's plan allows.
alter table identity.api_keys add column per_minute int check (per_minute > 0); -- null: as many as the plan allows
