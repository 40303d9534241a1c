-- +goose Up
-- Who people are at identity providers, and whose organisations are which of ours.

-- A person may be several at providers; each of those is one person.
create table identity.external_identities (
  issuer    text not null,
  subject   text not null,
  person_id uuid not null references identity.people on delete cascade,
  provider  text not null, -- its name when they came first
  linked_at timestamptz not null,
  primary key (issuer, subject)
);
create index on identity.external_identities (person_id);

-- An organisation at a provider is one of ours, in the whole installation. Reserved before the log says so, which it can't know of others.
create table identity.identity_links (
  link_id     uuid primary key, -- follows from provider and external id
  provider    text not null,
  external_id text not null,
  org_id      uuid not null,
  linked      boolean not null,
  oseq        bigint not null, -- of the event that said so; 0 = none yet
  reserved_at timestamptz not null,
  unique (provider, external_id)
);

-- Sign-ins at a provider that a browser has begun. A row goes when it comes back, or is old.
create table identity.oidc_sign_ins (
  state      bytea primary key check (length(state) = 32), -- hash of what the provider gives back
  browser    bytea not null check (length(browser) = 32),  -- hash of the browser's cookie
  provider   text not null,
  nonce      text not null,
  verifier   text not null,
  return_to  text not null,
  expires_at timestamptz not null
);
create index on identity.oidc_sign_ins (expires_at);

grant select, insert, update, delete on identity.external_identities, identity.identity_links, identity.oidc_sign_ins to outrider_identity;
