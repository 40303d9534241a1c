-- +goose Up
-- What bulk operations had called who is erased now.
update ${schema}.timeline t set detail = '{}' from ${schema}.leads l
where l.org_id = t.org_id and l.lead_id = t.subject and l.erased_at is not null and t.type = 'lead.retagged.v1';
