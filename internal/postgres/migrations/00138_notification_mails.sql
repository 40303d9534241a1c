-- +goose Up
-- What members are to be told of by mail: a record, as a mail that left can't be made again (ADR 78). It names no lead, and quotes nothing.
create table identity.notification_mails (
  org_id     uuid        not null,
  person_id  uuid        not null references identity.people on delete cascade,
  notice_id  uuid        not null, -- follows from the event: the same is noted once
  kind       text        not null,
  line       text        not null, -- what happened
  path       text        not null, -- of the dashboard, below the organisation
  at         timestamptz not null,
  due_at     timestamptz not null,
  tries      int         not null default 0,
  claimed_at timestamptz,          -- who claims it sends it; nobody sends it again
  ended_at   timestamptz,          -- the mail server took it, or nobody wants it any more
  primary key (org_id, person_id, notice_id)
);
create index notification_mails_due on identity.notification_mails (due_at) where claimed_at is null;
create index notification_mails_at on identity.notification_mails (at);
grant select, insert, update, delete on identity.notification_mails to outrider_identity;
