-- +goose Up
-- How language models write the messages of campaigns. As in 00001: no now(), no sequences.

create table ${schema}.ai_writing (
  org_id      uuid  not null,
  campaign_id uuid  not null,
  settings    jsonb not null, -- events.CampaignWriting
  primary key (org_id, campaign_id)
);
call kernel.protect('${schema}.ai_writing');
