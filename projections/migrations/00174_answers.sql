-- +goose Up
-- What programs would answer to mails of people. As in 00001: no now(), no sequences.

create table ${schema}.answers (
  org_id      uuid        not null,
  mail_id     uuid        not null, -- that it answers
  oseq        bigint      not null,
  thread_id   uuid        not null,
  lead_id     uuid        not null,
  campaign_id uuid        not null,
  meaning     text        not null,
  writer      text        not null, -- template, llm
  body        text,                 -- null once the person is erased; so is the next
  report      text,                 -- what carries each sentence, and what was left out
  model       text        not null,
  cost_micros bigint      not null,
  response_id uuid,                 -- by which it was sent without a person
  drafted_at  timestamptz not null,
  primary key (org_id, mail_id)
);
create index answers_thread on ${schema}.answers (org_id, thread_id, oseq);
create index answers_response on ${schema}.answers (org_id, response_id) where response_id is not null;
create index answers_lead on ${schema}.answers (org_id, lead_id);
call kernel.protect('${schema}.answers');

create table ${schema}.answer_automation (
  org_id   uuid        not null,
  oseq     bigint      not null,
  meanings jsonb       not null, -- []string: of mails that are answered without a person
  set_by   text        not null, -- kind and id
  set_at   timestamptz not null,
  primary key (org_id)
);
call kernel.protect('${schema}.answer_automation');
