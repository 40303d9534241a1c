-- +goose Up
-- On whose page people of a campaign book. As in 00001: no now(), no sequences.
alter table ${schema}.campaigns
  add column booking_service text not null default '', -- '' = on the organisation's own
  add column booking_page    text not null default '';
