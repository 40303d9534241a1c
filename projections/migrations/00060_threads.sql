-- +goose Up
-- What is to be done about a thread, and how the mails of answers are named.

alter table ${schema}.inbox_threads
  add column status        text    not null default 'done', -- needs_answer, snoozed, done
  add column snoozed_until timestamptz,
  add column assignee      uuid,
  add column unread        boolean not null default false;
update ${schema}.inbox_threads t set status = 'needs_answer', unread = true
  where exists (select from ${schema}.inbox_items i where i.org_id = t.org_id and i.thread_id = t.thread_id and i.class = 'reply' and i.meaning <> 'unsubscribe');
create index inbox_threads_status on ${schema}.inbox_threads (org_id, status, last_oseq);
create index inbox_threads_assignee on ${schema}.inbox_threads (org_id, assignee, last_oseq) where assignee is not null;

alter table ${schema}.inbox_items add column header text; -- a JSON object {message_id, references, from, name}; null once the person is erased
