-- +goose Up
-- Read models: all of it can be rebuilt from the log. No now(), no sequences: live and rebuilt are equal byte for byte.

create table ${schema}.organizations (
  org_id         uuid primary key,
  slug           text        not null,
  name           text        not null,
  plan           text        not null,
  limits         jsonb       not null,
  time_zone      text        not null,
  postal_address text        not null,
  status         text        not null,
  status_reason  text        not null default '',
  trial_ends_at  timestamptz,
  trial_ended    boolean     not null default false,
  billing_anchor timestamptz not null,
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  deleted_at     timestamptz,
  version        int         not null
);
call kernel.protect('${schema}.organizations');

-- Plaintext of a person lives here only, and is nulled when the person is erased.
create table ${schema}.leads (
  org_id       uuid        not null,
  lead_id      uuid        not null,
  oseq         bigint      not null, -- of lead.created: the order of lists
  email        text,
  first_name   text,
  last_name    text,
  phone        text,
  company_name text,
  job_title    text,
  linkedin_url text,
  website      text,
  city         text,
  country      text,
  custom       jsonb       not null default '{}',
  tags         text[]      not null default '{}',
  time_zone    text        not null default '',
  source       text        not null,
  crm_id       text        not null default '',
  lawful_basis text        not null default '',
  import_id    uuid,
  import_row   int,
  outreach_status text     not null default 'new', -- derived: new, enrolled
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  erased_at    timestamptz,
  version      int         not null,
  primary key (org_id, lead_id)
) with (fillfactor = 90);
create unique index leads_order on ${schema}.leads (org_id, oseq);
create index leads_email on ${schema}.leads (org_id, email text_pattern_ops);
call kernel.protect('${schema}.leads');

create table ${schema}.imports (
  org_id       uuid        not null,
  import_id    uuid        not null,
  oseq         bigint      not null,
  file_name    text        not null,
  bytes        bigint      not null,
  blob         text        not null,
  charset      text        not null,
  delimiter    text        not null,
  mapping      jsonb       not null,
  dry_run      boolean     not null,
  on_duplicate text        not null,
  source       text        not null,
  lawful_basis text        not null,
  tags         text[]      not null,
  time_zone    text        not null,
  status       text        not null, -- running, completed, failed, undoing, undone
  reason       text        not null default '',
  rows         int         not null default 0,
  created      int         not null default 0,
  updated      int         not null default 0,
  duplicates   int         not null default 0,
  rejected     int         not null default 0,
  removed      int         not null default 0,
  kept         int         not null default 0,
  chunks       int         not null default 0, -- recorded so far
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  primary key (org_id, import_id)
);
create unique index imports_order on ${schema}.imports (org_id, oseq);
call kernel.protect('${schema}.imports');

create table ${schema}.import_rejections (
  org_id    uuid not null,
  import_id uuid not null,
  row       int  not null,
  code      text not null,
  primary key (org_id, import_id, row)
);
call kernel.protect('${schema}.import_rejections');

create table ${schema}.suppressions (
  org_id         uuid        not null,
  suppression_id uuid        not null,
  oseq           bigint      not null,
  kind           text        not null,
  hash           text        not null,
  value          text, -- null when nobody may read it any more
  reason         text        not null,
  created_at     timestamptz not null,
  primary key (org_id, suppression_id)
);
create unique index suppressions_order on ${schema}.suppressions (org_id, oseq);
call kernel.protect('${schema}.suppressions');

create table ${schema}.campaigns (
  org_id        uuid        not null,
  campaign_id   uuid        not null,
  oseq          bigint      not null,
  name          text        not null,
  campaign_type text        not null,
  status        text        not null,
  time_zone     text        not null,
  start_date    text        not null,
  end_date      text        not null,
  created_by    text        not null,
  approval      text        not null,
  steps         jsonb       not null,
  enrolled      int         not null default 0,
  created_at    timestamptz not null,
  updated_at    timestamptz not null,
  version       int         not null,
  primary key (org_id, campaign_id)
);
create unique index campaigns_order on ${schema}.campaigns (org_id, oseq);
call kernel.protect('${schema}.campaigns');

create table ${schema}.enrollments (
  org_id        uuid        not null,
  enrollment_id uuid        not null,
  oseq          bigint      not null,
  campaign_id   uuid        not null,
  lead_id       uuid        not null,
  counted       boolean     not null, -- counted as a lead processed in its billing period
  period_from   timestamptz not null,
  created_at    timestamptz not null,
  primary key (org_id, enrollment_id)
);
create unique index enrollments_campaign on ${schema}.enrollments (org_id, campaign_id, oseq);
create index enrollments_lead on ${schema}.enrollments (org_id, lead_id);
call kernel.protect('${schema}.enrollments');

create table ${schema}.usage (
  org_id          uuid        not null,
  period_from     timestamptz not null,
  leads_processed int         not null default 0,
  emails_sent     int         not null default 0,
  primary key (org_id, period_from)
);
call kernel.protect('${schema}.usage');

-- What happened to a lead, an import or a campaign, in order; the words are made where it is shown.
create table ${schema}.timeline (
  org_id     uuid        not null,
  subject    uuid        not null,
  oseq       bigint      not null,
  type       text        not null,
  at         timestamptz not null,
  actor_kind text        not null,
  actor_id   text        not null,
  detail     jsonb, -- no personal data
  primary key (org_id, subject, oseq)
);
call kernel.protect('${schema}.timeline');
