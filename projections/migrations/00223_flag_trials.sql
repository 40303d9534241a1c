-- +goose Up
-- Trials of the installation's flags, all of the reserved organisation. As in 00001: no now(), no sequences.

create table ${schema}.flag_trials (
  org_id            uuid        not null,
  trial_id          uuid        not null,
  oseq              bigint      not null, -- of its start
  flag              text        not null,
  name              text        not null,
  hypothesis        text        not null,
  metric            text        not null,
  min_organizations int         not null,
  rule              jsonb       not null, -- events.FlagRule, as it stood
  seed              uuid        not null,
  started_at        timestamptz not null,
  ends_at           timestamptz not null,
  ended_at          timestamptz,          -- before its time
  reason            text        not null, -- why; '' = it wasn't
  started_by        text        not null,
  primary key (org_id, trial_id)
);
call kernel.protect('${schema}.flag_trials');
