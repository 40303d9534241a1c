-- +goose Up
-- Leads to be compared come by next_at, then by lead. Without the lead in the index all that wait since the same instant are sorted for each batch: an account of 50,000 has 500.
drop index integrations.links_dirty;
create index links_dirty on integrations.links (org_id, connection_id, next_at, lead_id) where dirty;
-- Whether an older task of the same lead waits for another try.
create index tasks_of_lead on integrations.tasks (org_id, connection_id, lead_id, oseq) where state = 'waiting';
