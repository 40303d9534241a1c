-- +goose Up
-- Meetings that were booked on somebody else's page. As in 00001: no now(), no sequences.
alter table ${schema}.meetings
  add column service       text not null default '', -- '' = booked on our page
  add column connection_id uuid,
  add column replaced_by   uuid;
