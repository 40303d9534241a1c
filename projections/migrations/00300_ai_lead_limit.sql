-- +goose Up
-- What language models may cost for one lead. As in 00001: no now(), no sequences.
alter table ${schema}.ai_settings add column lead_limit_micros bigint not null default 0; -- 0 = no limit
