-- +goose Up
-- Calendars of connections, who is met and where, and times that are held. As in 00001: no now(), no sequences.
alter table ${schema}.connections
  add column calendars jsonb, -- sealed; null = nothing is chosen
  add column writes    boolean not null default false;

alter table ${schema}.meetings
  add column host_id uuid,
  add column link    text,                    -- where people meet
  add column placed  text not null default ''; -- late | there: how it stands in its host's calendar

create table ${schema}.slot_holds (
  org_id     uuid        not null,
  meeting_id uuid        not null, -- that may come of it
  lead_id    uuid        not null,
  host_id    uuid,
  starts_at  timestamptz not null,
  ends_at    timestamptz not null,
  until      timestamptz not null,
  primary key (org_id, meeting_id)
);
create index slot_holds_until on ${schema}.slot_holds (org_id, until);
call kernel.protect('${schema}.slot_holds');
