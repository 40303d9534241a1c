-- +goose Up
-- Rows of files as spans, and what plans say of files. As in 00001: no now(), no sequences.

alter table ${schema}.import_rejections add column to_row int; -- inclusive; null = row alone, as an older program writes it
alter table ${schema}.import_warnings add column to_row int;

-- Plans that were given before said nothing of these: there is no limit (-1).
update ${schema}.organizations set limits = '{"leads_stored": -1, "import_bytes": -1, "import_rows": -1, "imports_at_once": -1}'::jsonb || limits;
