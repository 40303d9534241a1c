-- +goose Up
-- What a live campaign lacks, and the gap between messages of two campaigns to one person. As in 00001: no now(), no sequences.

alter table ${schema}.campaigns
  add column missing jsonb not null default '[]'; -- of what a launch asks for: [{"what": "mailbox"}]

alter table ${schema}.organizations
  add column person_gap_minutes int not null default 1440;
