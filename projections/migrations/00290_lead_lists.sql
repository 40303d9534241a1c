-- +goose Up
-- Lists that more than one filter narrows count all that they leave, and lists by name began with all leads in order. What filters compare most stands beside the order of leads, so that counting reads a sixth of the pages; tags don't, as an entry of
-- an index has an end. Lists by name and by company begin where they begin.
drop index ${schema}.leads_order;
create unique index leads_order on ${schema}.leads (org_id, oseq) include (outreach_status, source, suppressed_by, qualification, country);
create index leads_last_name on ${schema}.leads (org_id, lower(coalesce(last_name, '') collate pg_c_utf8), oseq);
create index leads_company_name on ${schema}.leads (org_id, lower(coalesce(company_name, '') collate pg_c_utf8), oseq);
