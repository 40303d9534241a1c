-- +goose Up
-- Leads that may be processed beyond the plan, for a price.

alter table ${schema}.billing add column extra_leads bigint not null default 0;
alter table ${schema}.billing add column plan text not null default '';
