-- +goose Up
-- What a program wrote before a person wrote the newest draft, and how drafts were approved. As in 00001: no now(), no sequences.
alter table ${schema}.message_texts add column machine_draft int not null default 0, -- its number; 0 = no person wrote the newest one, -1 = no program wrote any
                                    add column machine_subject text,                  -- null once the person is erased; so is the next
                                    add column machine_body text,
                                    add column machine_body_ref text not null default '';

create table ${schema}.draft_approvals (
  org_id      uuid        not null,
  message_id  uuid        not null,
  oseq        bigint      not null,
  campaign_id uuid        not null,
  approved_by text        not null, -- kind and id
  approved_at timestamptz not null,
  changed     int         not null, -- words: see draft.edit_measured
  words       int         not null, -- 0 = nothing was changed
  primary key (org_id, message_id)
);
create index draft_approvals_campaign on ${schema}.draft_approvals (org_id, campaign_id);
call kernel.protect('${schema}.draft_approvals');
