-- Views for programs that read by SQL: schema bi (docs/bi.md). Run it as the role that owns the database, or as a superuser:
--   psql "$OWNER_URL" -v ON_ERROR_STOP=1 -f deploy/postgres/bi.sql
-- and again after each upgrade of Outrider. It changes nothing of Outrider's own; who was let in stays let in.
--
-- Each view stands on a function whose text is looked up when it runs, so that a rebuilt projection can take the place of the one before. The functions have the rights of the
-- projector, which sees all organisations, and keep who signed in to the organisation that bi.readers names. No column holds anything of a person.

begin;

create schema if not exists bi;

-- Who reads what. A role that isn't here sees nothing.
create table if not exists bi.readers (
  role   name not null primary key,
  org_id uuid -- null = all organisations: for who runs the installation
);

grant outrider_projector to current_user;
grant usage, create on schema bi to outrider_projector;
grant select on bi.readers to outrider_projector;

do $make$
declare
  v record;
  names text;
begin
  for v in select * from (values
    ('campaigns', 'read.campaigns', 'campaign_id uuid, name text, campaign_type text, status text, time_zone text, enrolled int, launched_at timestamptz, completed_at timestamptz, created_at timestamptz'),
    ('mailboxes', 'read.mailboxes', 'mailbox_id uuid, transport text, status text, health int, sent int, last_sent_at timestamptz, created_at timestamptz, removed_at timestamptz'),
    ('enrollments', 'read.enrollments', 'enrollment_id uuid, campaign_id uuid, lead_id uuid, mailbox_id uuid, state text, reason text, step int, steps int, created_at timestamptz, updated_at timestamptz'),
    ('messages', 'read.messages', 'message_id uuid, enrollment_id uuid, campaign_id uuid, lead_id uuid, mailbox_id uuid, step_id uuid, step int, variant_id uuid, experiment_id uuid, arm_id uuid, state text, '
      'reason text, writer text, model text, cost_micros bigint, created_at timestamptz, sent_at timestamptz, delivered_at timestamptz, failed_at timestamptz, doubted_at timestamptz, '
      'first_opened_at timestamptz, machine_opened_at timestamptz, first_clicked_at timestamptz, scanner_clicked_at timestamptz, replied_at timestamptz, auto_replied_at timestamptz, '
      'bounced_at timestamptz, bounce_kind text, complained_at timestamptz, unsubscribed_at timestamptz, meeting_at timestamptz'),
    ('meetings', 'read.meetings', 'meeting_id uuid, campaign_id uuid, lead_id uuid, mailbox_id uuid, message_id uuid, starts_at timestamptz, ends_at timestamptz, status text, outcome text, '
      'booked_at timestamptz, cancelled_at timestamptz'),
    ('ai_calls', 'read.ai_usage', 'call_id uuid, task text, provider text, model text, campaign_id uuid, message_id uuid, outcome text, cost_micros bigint, input_tokens int, output_tokens int, '
      'reserved_at timestamptz, settled_at timestamptz'),
    ('usage', 'read.usage', 'period_from timestamptz, leads_processed int, emails_sent int')
  ) as t (name, source, columns)
  loop
    names := (select string_agg(split_part(trim(c), ' ', 1), ', ') from unnest(string_to_array(v.columns, ',')) c);
    execute format('drop view if exists bi.%I', v.name);
    execute format('drop function if exists bi.%I()', v.name || '_rows');
    -- session_user is who signed in: neither "set role" nor the rights of the function change it.
    execute format($f$create function bi.%1$I() returns table (org_id uuid, %2$s) language sql stable security definer set search_path = '' as $body$
      select org_id, %3$s from %4$s where org_id = (select r.org_id from bi.readers r where r.role = session_user)
      union all
      select org_id, %3$s from %4$s where exists (select from bi.readers r where r.role = session_user and r.org_id is null)
      $body$ $f$, v.name || '_rows', v.columns, names, v.source);
    execute format('alter function bi.%I() owner to outrider_projector', v.name || '_rows');
    execute format('create view bi.%I as select * from bi.%I()', v.name, v.name || '_rows');
  end loop;
end
$make$;
revoke create on schema bi from outrider_projector;

-- Lets a role in; an organisation that is null means all.
create or replace procedure bi.admit(reader name, org uuid) language plpgsql as $$
begin
  insert into bi.readers values (reader, org) on conflict (role) do update set org_id = excluded.org_id;
  execute format('grant usage on schema bi to %I', reader);
  execute format('grant select on bi.campaigns, bi.mailboxes, bi.enrollments, bi.messages, bi.meetings, bi.ai_calls, bi.usage to %I', reader);
  execute format('alter role %I set default_transaction_read_only = on', reader);
  execute format('alter role %I set statement_timeout = %L', reader, '60s');
end $$;
revoke all on procedure bi.admit(name, uuid) from public;

do $again$
declare
  r record;
begin
  for r in select role, org_id from bi.readers where role in (select rolname from pg_roles)
  loop
    call bi.admit(r.role, r.org_id);
  end loop;
end
$again$;

commit;
