-- +goose Up
-- How work on calendars goes: a record, as what they hold and answer is in no log (ADR 75). Calendars are called by addresses, so they are here as hashes under the organisation's key, or sealed.

-- Calendars that are looked at.
create table integrations.calendars (
  org_id        uuid        not null,
  connection_id uuid        not null,
  calendar      text        not null, -- hash
  writes        boolean     not null, -- meetings are written into it
  problem       text        not null default '', -- why nothing is known of it now; '' = it is
  looked_at     timestamptz, -- when it was known last
  known_until   timestamptz, -- up to where it was looked at
  primary key (org_id, connection_id, calendar)
);
call kernel.protect('integrations.calendars');

-- When they are busy. A calendar of which nothing is known now keeps what was known last.
create table integrations.busy (
  org_id        uuid        not null,
  connection_id uuid        not null,
  calendar      text        not null,
  starts_at     timestamptz not null,
  ends_at       timestamptz not null,
  primary key (org_id, connection_id, calendar, starts_at, ends_at)
);
create index busy_ends on integrations.busy (org_id, ends_at);
call kernel.protect('integrations.busy');

-- What has a service tell us of changes; the older one of two goes once the newer stands.
create table integrations.channels (
  org_id        uuid        not null,
  connection_id uuid        not null,
  calendar      text        not null,
  channel_id    text        not null,
  resource      text        not null, -- the service's; '' = it couldn't be made, and isn't tried before until
  until         timestamptz not null,
  primary key (org_id, connection_id, channel_id)
);
call kernel.protect('integrations.channels');

-- Meetings that stand in a calendar, or are to.
create table integrations.appointments (
  org_id        uuid        not null,
  meeting_id    uuid        not null,
  connection_id uuid        not null,
  lead_id       uuid        not null,
  starts_at     timestamptz not null, -- as we want it
  ends_at       timestamptz not null,
  off           boolean     not null, -- it is to go
  scrub         boolean     not null default false, -- its words are to go: the guest is erased
  version       bigint      not null default 1, -- counts what was wanted
  dirty         boolean     not null default true,
  next_at       timestamptz not null,
  tries         int         not null default 0,
  error         text        not null default '',
  calendar      jsonb,       -- sealed; null = it wasn't tried yet
  agreed_start  timestamptz, -- as both had it last
  agreed_end    timestamptz,
  placed        boolean     not null default false, -- the calendar has it
  etag          text        not null default '',
  told          text        not null default '', -- whether its guest was told: '', late, there
  created_at    timestamptz not null,
  primary key (org_id, meeting_id)
);
create index appointments_dirty on integrations.appointments (org_id, connection_id, next_at) where dirty;
create index appointments_untold on integrations.appointments (created_at) where told = '' and not off;
create index appointments_ends on integrations.appointments (org_id, connection_id, ends_at);
call kernel.protect('integrations.appointments');
