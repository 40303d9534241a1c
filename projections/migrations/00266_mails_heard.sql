-- +goose Up
alter table ${schema}.messages add column mails jsonb; -- of {at, human}, by the mail that came in answer
alter table ${schema}.leads add column mails jsonb;    -- likewise, of all that came from the person

-- What came before is known from the inbox, with what people have said of it since.
update ${schema}.messages m set mails = h.mails, replied_at = h.replied_at, auto_replied_at = h.auto_replied_at from (
    select org_id, message_id, min(received_at) filter (where human) as replied_at, min(received_at) filter (where not human) as auto_replied_at,
      jsonb_object_agg(item_id, case when human then jsonb_build_object('at', at, 'human', true) else jsonb_build_object('at', at) end) as mails
    from (
      select org_id, message_id, lead_id, item_id, received_at, case when corrected then meaning not in ('automatic', 'out_of_office') else class = 'reply' end as human,
        regexp_replace(to_char(received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '\.?0+$', '') || 'Z' as at
      from ${schema}.inbox_items where class in ('reply', 'automatic')) heard group by 1, 2) h
  where m.org_id = h.org_id and m.message_id = h.message_id;
update ${schema}.leads l set mails = h.mails, replied_at = h.replied_at from (
    select org_id, lead_id, min(received_at) filter (where human) as replied_at,
      jsonb_object_agg(item_id, case when human then jsonb_build_object('at', at, 'human', true) else jsonb_build_object('at', at) end) as mails
    from (
      select org_id, message_id, lead_id, item_id, received_at, case when corrected then meaning not in ('automatic', 'out_of_office') else class = 'reply' end as human,
        regexp_replace(to_char(received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '\.?0+$', '') || 'Z' as at
      from ${schema}.inbox_items where class in ('reply', 'automatic')) heard group by 1, 2) h
  where l.org_id = h.org_id and l.lead_id = h.lead_id;
update ${schema}.leads set outreach_status = case when replied_at is not null then 'replied' when open_enrollments > 0 and contacted_at is not null then 'contacted'
    when open_enrollments > 0 then 'in_progress' when enrolled_at is not null or contacted_at is not null then 'closed' else 'new' end
  where mails is not null and meetings = 0;

-- What a provider dropped came back only in the words of the log.
update ${schema}.messages set bounced_at = null, bounce_kind = '', bounced_at_rcpt = false where dropped_at is not null;

update ${schema}.inbox_threads t set replies = c.replies, automatic = c.automatic from (
    select i.org_id, i.thread_id, count(*) filter (where class in ('reply', 'automatic') and case when corrected then meaning not in ('automatic', 'out_of_office') else class = 'reply' end) as replies,
      count(*) filter (where case when corrected then meaning in ('automatic', 'out_of_office') else class = 'automatic' end) as automatic
    from ${schema}.inbox_items i group by 1, 2) c
  where t.org_id = c.org_id and t.thread_id = c.thread_id;
