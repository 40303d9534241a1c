-- +goose Up
-- What an erasure left of a lead's row.
update ${schema}.leads set tags = '{}', lawful_basis = '', time_zone = '' where erased_at is not null;
