-- +goose Up
-- What the evidence gate says of the newest draft of a message.

create table ${schema}.message_evidence (
  org_id        uuid        not null,
  message_id    uuid        not null,
  oseq          bigint      not null,
  lead_id       uuid        not null,
  campaign_id   uuid        not null,
  number        int         not null, -- of the draft
  gate          int         not null, -- version of the rules
  sentences     int         not null,
  unsupported   int         not null,
  report        text,                 -- as it was recorded; null once the person is erased; so is the next
  reason        text,                 -- why a person answers for it
  overruled_at  timestamptz,
  overruled_by  text        not null, -- kind and id
  model         text        not null,
  prompt_hash   text        not null,
  input_tokens  int         not null,
  output_tokens int         not null,
  cost_micros   bigint      not null,
  recorded_at   timestamptz not null,
  primary key (org_id, message_id)
);
create index message_evidence_lead on ${schema}.message_evidence (org_id, lead_id);
call kernel.protect('${schema}.message_evidence');
