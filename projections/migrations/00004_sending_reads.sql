-- +goose Up
-- What the reactors that write, send and read need beyond what the api shows.

-- The steps of each version that messages can be of: enrollments are pinned to one.
create table ${schema}.campaign_steps (
  org_id      uuid  not null,
  campaign_id uuid  not null,
  version     int   not null,
  steps       jsonb not null, -- []events.Step
  primary key (org_id, campaign_id, version)
);
call kernel.protect('${schema}.campaign_steps');

create index messages_scheduled on ${schema}.messages (scheduled_at) where state = 'scheduled';
create index messages_doubt on ${schema}.messages (doubted_at) where state = 'in_doubt';
