-- +goose Up
-- Why an answer means what it does, whom it names, and whether a person has corrected it; events of before don't say.

alter table ${schema}.inbox_items
  add column evidence       text, -- null once the person is erased
  add column confidence     smallint not null default 0, -- percent
  add column source         text     not null default '',
  add column ask_again      text     not null default '',
  add column referral       text, -- a JSON object {email, name}; null once the person is erased
  add column referral_state text     not null default '', -- accepted, dismissed
  add column referral_lead  uuid,
  add column corrected      boolean  not null default false,
  add column corrected_by   text     not null default '';

alter table ${schema}.inbox_threads
  add column last_confidence smallint not null default 0,
  add column last_corrected  boolean  not null default false;
