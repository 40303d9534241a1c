-- +goose Up
-- Read models of sending, hearing and meeting. As in 00001: no now(), no sequences, no personal data outside of what is nulled on erasure.

create table ${schema}.mailboxes (
  org_id         uuid        not null,
  mailbox_id     uuid        not null,
  oseq           bigint      not null, -- of mailbox.added: the order of lists
  transport      text        not null,
  address        text,
  address_hash   text        not null,
  domain_hash    text        not null,
  display_name   text,
  smtp           jsonb, -- {host, port, security}
  imap           jsonb,
  status         text        not null, -- pending, warming, active, suspended
  status_before  text        not null, -- what it resumes to
  pause_reason   text        not null,
  warmup_from    timestamptz,
  verified_at    timestamptz,
  checks         jsonb       not null, -- {check: {outcome, detail, checked_at}} since it was connected
  pace           jsonb, -- events.MailboxPace
  health         int, -- 0 to 100
  health_reason  text        not null,
  inbox          jsonb       not null, -- {folder: {uid_validity, uid, read_at}}
  inbox_read_at  timestamptz, -- the newest of them
  waiting_rule   text        not null, -- what held it back when it was looked at last
  waiting_until  timestamptz,
  sent           int         not null,
  last_sent_at   timestamptz,
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  removed_at     timestamptz,
  version        int         not null,
  primary key (org_id, mailbox_id)
) with (fillfactor = 80);
create unique index mailboxes_order on ${schema}.mailboxes (org_id, oseq);
call kernel.protect('${schema}.mailboxes');

alter table ${schema}.campaigns
  add column steps_version    int   not null default 1, -- +1 with every change of the steps
  add column settings         jsonb, -- events.CampaignSettings; null = the defaults
  add column mailboxes        jsonb not null default '[]', -- ids
  add column pause_reason     text  not null default '',
  add column completed_reason text  not null default '',
  add column launched_at      timestamptz,
  add column completed_at     timestamptz;

alter table ${schema}.enrollments
  add column state         text not null default 'active', -- active, deferred, paused, stopped, completed
  add column reason        text not null default '', -- why it is paused or stopped
  add column paused_until  timestamptz,
  add column stopped_by    uuid, -- the message that was answered, bounced, ...
  add column steps_version int  not null default 0, -- pinned; 0 = none yet
  add column step          int  not null default 0, -- steps sent so far
  add column steps         int  not null default 0, -- of the sequence; 0 = not known yet
  add column mailbox_id    uuid, -- who writes to this person
  add column message_id    uuid, -- the newest
  add column updated_at    timestamptz not null default '1970-01-01';

create table ${schema}.messages (
  org_id             uuid        not null,
  message_id         uuid        not null,
  oseq               bigint      not null, -- of message.requested: the order of lists
  enrollment_id      uuid        not null,
  lead_id            uuid        not null,
  campaign_id        uuid        not null,
  mailbox_id         uuid        not null,
  steps_version      int         not null,
  step_id            uuid        not null,
  step               int         not null,
  steps              int         not null,
  variant_id         uuid        not null,
  attempt            int         not null,
  previous_id        uuid, -- before it in the thread
  state              text        not null, -- requested, drafted, held, approved, scheduled, claimed, deferred, sent, failed, in_doubt, cancelled
  reason             text        not null, -- why it is held, postponed, cancelled
  missing            jsonb, -- names of variables that the lead lacks
  approval           boolean     not null,
  draft              int         not null, -- number of the newest
  writer             text        not null,
  model              text        not null,
  fallback           boolean     not null,
  cost_micros        bigint      not null, -- of all drafts
  earliest           timestamptz not null,
  waiting_until      timestamptz,
  scheduled_at       timestamptz,
  claimed_at         timestamptz,
  sent_at            timestamptz, -- accepted by the provider
  failed_at          timestamptz,
  doubted_at         timestamptz,
  resolved_by        text        not null,
  provider_id        text        not null,
  tries              int         not null,
  smtp_stage         text        not null, -- of the newest refusal
  smtp_code          int         not null,
  smtp_enhanced      text        not null,
  smtp_text          text        not null,
  opens              int         not null, -- by people
  clicks             int         not null,
  first_opened_at    timestamptz,
  machine_opened_at  timestamptz,
  first_clicked_at   timestamptz,
  scanner_clicked_at timestamptz,
  replied_at         timestamptz,
  auto_replied_at    timestamptz,
  bounced_at         timestamptz,
  bounce_kind        text        not null,
  bounced_at_rcpt    boolean     not null,
  complained_at      timestamptz,
  unsubscribed_at    timestamptz,
  meeting_at         timestamptz, -- when it was booked
  created_at         timestamptz not null,
  updated_at         timestamptz not null,
  primary key (org_id, message_id)
) with (fillfactor = 70);
create unique index messages_order on ${schema}.messages (org_id, oseq);
create index messages_lead on ${schema}.messages (org_id, lead_id, oseq);
create index messages_campaign on ${schema}.messages (org_id, campaign_id, oseq);
call kernel.protect('${schema}.messages');

-- Apart from the message, which changes often: what was written, and what answers to it is nulled with the person.
create table ${schema}.message_texts (
  org_id     uuid   not null,
  message_id uuid   not null,
  lead_id    uuid   not null,
  oseq       bigint not null, -- of the draft
  subject    text,
  body       text,
  body_ref   text   not null, -- where a body that is too long for the log lies, sealed
  variables  jsonb, -- names
  primary key (org_id, message_id)
);
create index message_texts_lead on ${schema}.message_texts (org_id, lead_id);
call kernel.protect('${schema}.message_texts');

-- Every fetch of a pixel or link: a correction of who made it must reach what was counted.
create table ${schema}.message_hits (
  org_id     uuid        not null,
  hit_id     uuid        not null,
  message_id uuid        not null,
  oseq       bigint      not null,
  kind       text        not null, -- open, click
  class      text        not null, -- human, proxy, scanner
  link       int         not null,
  at         timestamptz not null,
  primary key (org_id, hit_id)
);
create index message_hits_message on ${schema}.message_hits (org_id, message_id);
call kernel.protect('${schema}.message_hits');

create table ${schema}.inbox_threads (
  org_id      uuid        not null,
  thread_id   uuid        not null, -- follows from lead and campaign
  lead_id     uuid        not null,
  campaign_id uuid,
  mailbox_id  uuid,
  first_oseq  bigint      not null,
  last_oseq   bigint      not null, -- the order of lists
  last_item   uuid        not null,
  last_at     timestamptz not null,
  last_class  text        not null,
  replies     int         not null,
  automatic   int         not null,
  bounces     int         not null,
  complaints  int         not null,
  primary key (org_id, thread_id)
);
create unique index inbox_threads_order on ${schema}.inbox_threads (org_id, last_oseq);
create index inbox_threads_lead on ${schema}.inbox_threads (org_id, lead_id);
call kernel.protect('${schema}.inbox_threads');

create table ${schema}.inbox_items (
  org_id        uuid        not null,
  item_id       uuid        not null, -- the mail's; of a bounce or complaint, the event's
  oseq          bigint      not null,
  thread_id     uuid        not null,
  lead_id       uuid        not null,
  campaign_id   uuid,
  mailbox_id    uuid,
  message_id    uuid        not null, -- what it answers
  class         text        not null, -- reply, automatic, bounce, complaint
  sender        text        not null, -- of a reply: lead, alias, company
  matched_by    text        not null,
  out_of_office boolean     not null,
  return_date   text        not null,
  kind          text        not null, -- of a bounce or complaint
  code          int         not null,
  enhanced      text        not null,
  received_at   timestamptz not null,
  subject       text,
  snippet       text,
  body          text,
  body_ref      text        not null,
  primary key (org_id, item_id)
);
create index inbox_items_thread on ${schema}.inbox_items (org_id, thread_id, oseq);
create index inbox_items_lead on ${schema}.inbox_items (org_id, lead_id);
call kernel.protect('${schema}.inbox_items');

create table ${schema}.meetings (
  org_id           uuid        not null,
  meeting_id       uuid        not null,
  oseq             bigint      not null,
  lead_id          uuid        not null,
  campaign_id      uuid,
  mailbox_id       uuid,
  message_id       uuid, -- whose link was used
  starts_at        timestamptz not null,
  ends_at          timestamptz not null,
  time_zone        text        not null, -- of who booked
  details          text, -- JSON, as it was given
  status           text        not null, -- booked, cancelled
  cancelled_reason text        not null,
  booked_at        timestamptz not null,
  cancelled_at     timestamptz,
  primary key (org_id, meeting_id)
);
create unique index meetings_order on ${schema}.meetings (org_id, oseq);
create index meetings_lead on ${schema}.meetings (org_id, lead_id);
create index meetings_start on ${schema}.meetings (org_id, starts_at);
call kernel.protect('${schema}.meetings');
