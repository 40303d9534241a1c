-- +goose Up
alter table ${schema}.campaigns add column approval_sample int not null default 0, -- of sample: percent
                                add column approval_below int not null default 0;  -- of doubtful: percent
