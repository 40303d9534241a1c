-- +goose Up
-- What lists, coverage and the undo of an import read of many leads. With row-level security only leakproof operators can use an index.
alter table ${schema}.leads
  add column company_key text generated always as (split_part(search, E'\n', 4)) stored, -- as it stands there; '' = none
  add column filled      int  generated always as ( -- which typed fields it has, a bit each: projections.filledFields
    (coalesce(email, '') <> '')::int + (coalesce(first_name, '') <> '')::int * 2 + (coalesce(last_name, '') <> '')::int * 4 + (coalesce(phone, '') <> '')::int * 8
    + (coalesce(company_name, '') <> '')::int * 16 + (coalesce(job_title, '') <> '')::int * 32 + (coalesce(linkedin_url, '') <> '')::int * 64
    + (coalesce(website, '') <> '')::int * 128 + (coalesce(city, '') <> '')::int * 256 + (coalesce(country, '') <> '')::int * 512) stored;
create index leads_company on ${schema}.leads (org_id, company_key text_pattern_ops);
create index leads_updated on ${schema}.leads (org_id, updated_at, oseq);
create index leads_suppressed on ${schema}.leads (org_id, oseq) where suppressed_by <> '';
create index leads_import on ${schema}.leads (org_id, import_id, lead_id) include (filled, erased_at);
