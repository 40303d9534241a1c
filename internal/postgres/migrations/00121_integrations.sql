-- +goose Up
-- How connections to services of others go: a record, as what those services hold and answer is in no log (ADR 72). Values of people are
-- here sealed or as hashes under the organisation's key only.

create schema integrations;
grant usage on schema integrations to outrider_projector, outrider_api;

-- One row for each connection: who has its lease works on it.
create table integrations.turns (
  org_id        uuid        not null,
  connection_id uuid        not null,
  next_at       timestamptz not null, -- when it may be taken; of one that is taken: when its lease ends; infinity: nothing is done
  lease         uuid,
  woken         boolean     not null default false, -- while somebody worked on it
  worked_at     timestamptz, -- last time that all went well
  failing_since timestamptz, -- null: it went well last
  error         text not null default '',
  primary key (org_id, connection_id)
);
create index turns_due on integrations.turns (next_at);
call kernel.protect('integrations.turns');

-- Up to where something has been read.
create table integrations.cursors (
  org_id        uuid        not null,
  connection_id uuid        not null,
  name          text        not null,
  value         text        not null,
  at            timestamptz not null,
  primary key (org_id, connection_id, name)
);
call kernel.protect('integrations.cursors');

-- Which lead is which contact, and what both agreed on last.
create table integrations.links (
  org_id        uuid        not null,
  connection_id uuid        not null,
  lead_id       uuid        not null,
  remote_id     text,                  -- null: not known there yet
  agreed        jsonb       not null default '{}', -- field: hash of the value that both had
  opted_out     boolean     not null default false, -- both know
  remote_at     timestamptz,           -- of the contact, by its clock, as it was last seen
  version       bigint      not null default 1, -- counts what has happened to the lead
  dirty         boolean     not null default true,
  next_at       timestamptz not null,
  tries         int         not null default 0,
  error         text        not null default '',
  primary key (org_id, connection_id, lead_id)
);
create unique index links_remote on integrations.links (org_id, connection_id, remote_id) where remote_id is not null;
create index links_dirty on integrations.links (org_id, connection_id, next_at) where dirty;
call kernel.protect('integrations.links');

-- What is to be done there, in the order of each lead.
create table integrations.tasks (
  org_id        uuid        not null,
  connection_id uuid        not null,
  run_id        uuid        not null, -- zero: as it happened; else what asked for it
  event_id      uuid        not null,
  oseq          bigint      not null,
  kind          text        not null,
  lead_id       uuid        not null,
  at            timestamptz not null,
  data          jsonb       not null,
  state         text        not null default 'waiting' check (state in ('waiting', 'done', 'failed', 'skipped')),
  tries         int         not null default 0,
  next_at       timestamptz not null,
  error         text        not null default '',
  finished_at   timestamptz,
  primary key (org_id, connection_id, run_id, event_id)
);
create index tasks_waiting on integrations.tasks (org_id, connection_id, oseq) where state = 'waiting';
create index tasks_finished on integrations.tasks (finished_at) where finished_at is not null;
call kernel.protect('integrations.tasks');

-- Objects that a service says have changed.
create table integrations.heard (
  org_id        uuid        not null,
  connection_id uuid        not null,
  remote_id     text        not null,
  at            timestamptz not null,
  primary key (org_id, connection_id, remote_id)
);
call kernel.protect('integrations.heard');
grant usage on schema integrations to outrider_identity;
grant select, insert, update on integrations.heard to outrider_identity;
grant select, update on integrations.turns to outrider_identity; -- who hears of a change wakes the connection
create policy identity on integrations.heard as permissive for all to outrider_identity using (true) with check (true);
create policy identity on integrations.turns as permissive for all to outrider_identity using (true) with check (true);

-- What was done, for people.
create table integrations.log (
  org_id        uuid        not null,
  connection_id uuid        not null,
  number        bigint      not null generated always as identity,
  at            timestamptz not null,
  direction     text        not null check (direction in ('in', 'out')),
  what          text        not null,
  outcome       text        not null check (outcome in ('done', 'failed', 'conflict', 'skipped')),
  lead_id       uuid,
  remote_id     text,
  count         int         not null default 1,
  detail        text        not null default '',
  primary key (org_id, connection_id, number)
);
create index log_at on integrations.log (at);
call kernel.protect('integrations.log');

-- Fields that both sides have changed: both values, under the key of the lead.
create table integrations.conflicts (
  org_id        uuid        not null,
  connection_id uuid        not null,
  lead_id       uuid        not null,
  field         text        not null,
  ours          jsonb       not null,
  theirs        jsonb       not null,
  kept          text        not null check (kept in ('ours', 'theirs')),
  rule          text        not null,
  at            timestamptz not null,
  primary key (org_id, connection_id, lead_id, field)
);
call kernel.protect('integrations.conflicts');

-- Whose an account is: what services post names the account only.
create table identity.integration_accounts (
  provider      text not null,
  account       text not null, -- SHA-256 of the account's id
  org_id        uuid not null,
  connection_id uuid not null,
  primary key (provider, account, org_id, connection_id)
);
grant select, insert, update, delete on identity.integration_accounts to outrider_identity;
