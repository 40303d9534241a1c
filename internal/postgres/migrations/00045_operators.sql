-- +goose Up
-- What an operator finds organisations by: a copy of what their logs say, by oseq. The read model is under row-level security.
create table identity.organisations (
  org_id     uuid        primary key,
  name       text        not null,
  plan       text        not null,
  status     text        not null, -- active, past_due, suspended, cancelled, deleted
  created_at timestamptz not null,
  oseq       bigint      not null -- of the event that said so last
);
grant select, insert, update, delete on identity.organisations to outrider_identity;

-- A session in which an operator reads as its person.
alter table identity.sessions
  add column impersonation_id uuid, -- null: the person themselves
  add column operator_key     uuid; -- of whom

-- Slugs that organisations had before lead to them for a while.
alter table identity.slugs drop constraint slugs_state_check;
alter table identity.slugs
  add constraint slugs_state_check check (state in ('reserved', 'confirmed', 'old')),
  add column until timestamptz; -- of an old one
