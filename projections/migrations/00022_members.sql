-- +goose Up
-- Members of an organisation, and who is invited to be one. As in 00001: no now(), no sequences.

create table ${schema}.members (
  org_id        uuid        not null,
  person_id     uuid        not null,
  oseq          bigint      not null,
  invitation_id uuid,       -- null: who founded the organisation
  profile       text,       -- a JSON object {email, first_name, last_name}; null once nobody can read it
  role          text        not null,
  joined_at     timestamptz not null,
  updated_at    timestamptz not null,
  ended_at      timestamptz, -- left or was removed
  primary key (org_id, person_id)
);
call kernel.protect('${schema}.members');

create table ${schema}.member_invitations (
  org_id        uuid        not null,
  invitation_id uuid        not null,
  oseq          bigint      not null,
  details       text,       -- a JSON object {email}; null once nobody can read it
  role          text        not null,
  status        text        not null, -- open, accepted, withdrawn; past expires_at an open one is worth nothing
  invited_at    timestamptz not null,
  updated_at    timestamptz not null,
  expires_at    timestamptz not null,
  primary key (org_id, invitation_id)
);
call kernel.protect('${schema}.member_invitations');
