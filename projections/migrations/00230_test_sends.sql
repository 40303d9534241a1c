-- +goose Up
-- Texts of campaigns that were sent to members to be looked at. As in 00001: no now(), no sequences.

create table ${schema}.test_sends (
  org_id        uuid        not null,
  test_send_id  uuid        not null,
  oseq          bigint      not null,
  campaign_id   uuid        not null,
  mailbox_id    uuid        not null,
  member_id     uuid,                 -- who gets it; null = the mailbox itself
  lead_id       uuid,                 -- whose values fill it in; null = an example person's
  subject       text        not null, -- templates
  body          text        not null,
  follow_up     boolean     not null,
  state         text        not null, -- requested, claimed, sent, refused, in_doubt
  asked_by      text        not null, -- kind and id
  lease_until   timestamptz,
  finished_at   timestamptz,
  smtp_stage    text        not null,
  smtp_code     int         not null,
  smtp_enhanced text        not null,
  smtp_text     text        not null,
  created_at    timestamptz not null,
  primary key (org_id, test_send_id)
);
create index test_sends_campaign on ${schema}.test_sends (org_id, campaign_id, oseq);
call kernel.protect('${schema}.test_sends');
