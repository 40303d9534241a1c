-- +goose Up
-- Experiments and what was judged of them. As in 00001: no now(), no sequences.

create table ${schema}.experiments (
  org_id        uuid        not null,
  experiment_id uuid        not null,
  oseq          bigint      not null,
  name          text        not null,
  campaign_id   uuid        not null,
  step_id       uuid        not null,
  plan          jsonb       not null, -- events.ExperimentPlan
  status        text        not null, -- draft, running, stopped, decided
  reason        text        not null default '', -- why it was stopped
  stopped_arms  jsonb       not null, -- []events.ExperimentArmStopped
  decided       jsonb,                -- events.ExperimentDecided
  evaluations   int         not null default 0,
  created_by    text        not null,
  created_at    timestamptz not null,
  updated_at    timestamptz not null,
  started_at    timestamptz,
  ended_at      timestamptz,
  version       int         not null,
  primary key (org_id, experiment_id)
);
create unique index experiments_order on ${schema}.experiments (org_id, oseq);
call kernel.protect('${schema}.experiments');

create table ${schema}.experiment_evaluations (
  org_id        uuid        not null,
  experiment_id uuid        not null,
  evaluation_id uuid        not null,
  oseq          bigint      not null,
  settings      jsonb       not null, -- events.EvaluationSettings
  verdict       jsonb       not null, -- events.Verdict
  code          text        not null,
  read_oseq     bigint      not null,
  chain         text        not null,
  evaluated_by  text        not null,
  created_at    timestamptz not null,
  primary key (org_id, experiment_id, evaluation_id)
);
create unique index experiment_evaluations_order on ${schema}.experiment_evaluations (org_id, oseq);
call kernel.protect('${schema}.experiment_evaluations');

alter table ${schema}.messages add column experiment_id uuid, add column arm_id uuid;
