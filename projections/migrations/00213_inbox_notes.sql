-- +goose Up
-- Notes that members leave for each other in conversations. As in 00001: no now(), no sequences.

create table ${schema}.inbox_notes (
  org_id      uuid        not null,
  note_id     uuid        not null,
  oseq        bigint      not null,
  thread_id   uuid        not null,
  lead_id     uuid        not null,
  author_kind text        not null,
  author_id   text        not null,
  body        text,                 -- null once the person is erased
  mentions    jsonb       not null, -- []uuid: members
  created_at  timestamptz not null,
  primary key (org_id, note_id)
);
create index inbox_notes_thread on ${schema}.inbox_notes (org_id, thread_id, oseq);
create index inbox_notes_lead on ${schema}.inbox_notes (org_id, lead_id);
call kernel.protect('${schema}.inbox_notes');
