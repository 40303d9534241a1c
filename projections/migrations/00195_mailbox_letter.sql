-- +goose Up
alter table ${schema}.mailboxes
  add column letter jsonb, -- events.MailboxLetterSet
  add column signature text; -- a JSON object {text, html}
