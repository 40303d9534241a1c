-- +goose Up
-- What members write in threads.

create table ${schema}.inbox_responses (
  org_id        uuid        not null,
  response_id   uuid        not null,
  oseq          bigint      not null,
  thread_id     uuid        not null,
  lead_id       uuid        not null,
  campaign_id   uuid,
  mailbox_id    uuid        not null,
  mail_id       uuid,                  -- the inbox item that it answers
  state         text        not null, -- waiting, due, claimed, sent, deferred, failed, in_doubt, cancelled
  reason        text        not null, -- why it was cancelled, or not sent
  to_address    text,                  -- null once the person is erased; so are the next two
  subject       text,
  body          text,
  body_ref      text        not null,
  author_kind   text        not null,
  author_id     text        not null,
  send_at       timestamptz not null,
  claimed_at    timestamptz,
  sent_at       timestamptz,
  doubted_at    timestamptz,
  tries         int         not null,
  smtp_stage    text        not null,
  smtp_code     int         not null,
  smtp_enhanced text        not null,
  smtp_text     text        not null,
  created_at    timestamptz not null,
  updated_at    timestamptz not null,
  primary key (org_id, response_id)
);
create index inbox_responses_thread on ${schema}.inbox_responses (org_id, thread_id, oseq);
create index inbox_responses_lead on ${schema}.inbox_responses (org_id, lead_id);
create index inbox_responses_mailbox on ${schema}.inbox_responses (org_id, mailbox_id, sent_at);
create index inbox_responses_doubt on ${schema}.inbox_responses (doubted_at) where state = 'in_doubt';
call kernel.protect('${schema}.inbox_responses');
