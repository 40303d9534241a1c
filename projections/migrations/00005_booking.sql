-- +goose Up
-- When organisations can be met. As in 00001: no now(), no sequences.

create table ${schema}.booking_hours (
  org_id     uuid        not null primary key,
  hours      jsonb       not null, -- events.BookingHours
  updated_at timestamptz not null,
  version    int         not null
);
call kernel.protect('${schema}.booking_hours');

-- The meetings of a message: a booking page shows the one that was booked there.
create index meetings_message on ${schema}.meetings (org_id, message_id);
