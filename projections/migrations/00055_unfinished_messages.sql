-- +goose Up
-- The messages that wait for somebody, of the many that are finished.
create index messages_waiting on ${schema}.messages (org_id, state, oseq) where state in ('drafted', 'held', 'in_doubt');

-- What was sent of a campaign on a day, or failed.
create index messages_campaign_sent on ${schema}.messages (org_id, campaign_id, sent_at) where sent_at is not null;
create index messages_campaign_failed on ${schema}.messages (org_id, campaign_id, failed_at) where failed_at is not null;
