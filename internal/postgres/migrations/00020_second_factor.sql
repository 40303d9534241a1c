-- +goose Up
-- A second factor of people who sign in: a code that a program or a device shows (RFC 6238).

-- A row a person who has, or begins to have, one. Its secret is in the vault, under the enrollment's id.
create table identity.second_factors (
  person_id       uuid primary key references identity.people on delete cascade,
  enrollment_id   uuid        not null,
  enrolled_at     timestamptz not null,
  confirmed_at    timestamptz, -- null = no code was shown yet, and none is asked for
  last_step       bigint      not null default 0, -- time step of the newest code that was accepted: no code of it, or before it, is accepted again
  failures        int         not null default 0,
  last_failure_at timestamptz,
  until           timestamptz -- no code is looked at before
);

-- Codes on paper, each good for one time.
create table identity.recovery_codes (
  person_id uuid  not null references identity.second_factors on delete cascade,
  hash      bytea not null check (length(hash) = 32),
  used_at   timestamptz,
  primary key (person_id, hash)
);

-- Sign-ins that were right about the password, and wait for a code.
create table identity.second_factor_sign_ins (
  id         uuid primary key,
  hash       bytea       not null check (length(hash) = 32),
  person_id  uuid        not null references identity.people on delete cascade,
  org_id     uuid, -- that was asked for
  expires_at timestamptz not null
);
create index on identity.second_factor_sign_ins (person_id);
create index on identity.second_factor_sign_ins (expires_at);

-- What the history of an organisation has yet to be told about the second factor of a member. Written with what it tells, gone once the log has it.
create table identity.second_factor_changes (
  id        uuid primary key default gen_random_uuid(), -- of the command, so that it is told once
  person_id uuid        not null,
  org_id    uuid        not null,
  change    text        not null,
  at        timestamptz not null
);
create index on identity.second_factor_changes (at);

grant select, insert, update, delete on all tables in schema identity to outrider_identity;
