-- +goose Up
-- Where a session was used from last, as the proxy in front says (--country-header).
alter table identity.sessions add column place text not null default '';
