-- +goose Up
-- Endpoints to which events are delivered. As in 00001: no now(), no sequences.

create table ${schema}.webhooks (
  org_id     uuid        not null,
  webhook_id uuid        not null,
  oseq       bigint      not null, -- nothing before it is delivered
  kind       text        not null, -- endpoint, rest_hook
  name       text        not null,
  url        jsonb       not null, -- sealed
  types      jsonb       not null, -- by their public names, as an array; [] = all
  version    int         not null,
  personal   boolean     not null,
  off_reason text        not null default '', -- '' = it is on
  off_status int         not null default 0,  -- that it answered
  off_at     timestamptz,
  off_oseq   bigint      not null default 0,
  old_until  timestamptz,          -- of the secret before
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (org_id, webhook_id)
);
call kernel.protect('${schema}.webhooks');
