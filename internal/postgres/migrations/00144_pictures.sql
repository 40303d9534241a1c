-- +goose Up
-- Pictures of people, as we encoded them: small ones, which go with the person. A record.
create table identity.pictures (
  person_id  uuid  primary key references identity.people on delete cascade,
  jpeg       bytea not null check (length(jpeg) <= 100000),
  version    text  not null, -- of its content
  updated_at timestamptz not null
);

grant select, insert, update, delete on identity.pictures to outrider_identity;
