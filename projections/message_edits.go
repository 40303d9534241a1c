package projections

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
)

// MachineText is what a program wrote last of a message whose newest draft a person wrote.
type MachineText struct {
	MessageID uuid.UUID `db:"message_id"`
	Draft     int       `db:"machine_draft"`
	Subject   *string   `db:"machine_subject"`
	Body      *string   `db:"machine_body"`
	BodyRef   string    `db:"machine_body_ref"`
}

// machineTexts are what becomes of those in a batch, by message.
type machineTexts map[id]*machineText

type machineText struct {
	MachineText
	stored bool // it is the text that stands in the table, if a program wrote that
}

// note takes a draft; before is the one before it in the batch, nil = it stands in the table.
func (m machineTexts) note(key id, p events.MessageDrafted, before *MessageText) {
	is := m[key]
	switch {
	case p.Writer != events.WriterPerson && p.Number == 1: // nothing was there before
	case p.Writer != events.WriterPerson:
		m[key] = &machineText{}
	case p.Number == 1:
		m[key] = &machineText{MachineText: MachineText{Draft: -1}}
	case before == nil:
		m[key] = &machineText{MachineText: MachineText{Draft: p.Number - 1}, stored: true}
	case is == nil || is.Draft == 0:
		m[key] = &machineText{MachineText: MachineText{Draft: p.Number - 1, Subject: before.Subject, Body: before.Body, BodyRef: before.BodyRef}}
	}
}

// keep copies the texts that stand in the table before others take their place.
func (m machineTexts) keep(ctx context.Context, tx pgx.Tx) error {
	var orgs, messages []uuid.UUID
	var drafts []int
	for k, x := range m {
		if x.stored {
			orgs, messages, drafts = append(orgs, k.org), append(messages, k.own), append(drafts, x.Draft)
		}
	}
	if len(orgs) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `update message_texts t set machine_draft = n.draft, machine_subject = t.subject, machine_body = t.body, machine_body_ref = t.body_ref
		from unnest($1::uuid[], $2::uuid[], $3::int[]) n (org_id, message_id, draft) where t.org_id = n.org_id and t.message_id = n.message_id and t.machine_draft = 0`, orgs, messages, drafts); err != nil {
		return fmt.Errorf("keep what programs wrote: %w", err)
	}
	return nil
}

// write writes the others, once their rows are there.
func (m machineTexts) write(ctx context.Context, tx pgx.Tx) error {
	for k, x := range m { // they are few: a person edits and a program writes within one batch, or a program writes again
		if x.stored {
			continue
		}
		if _, err := tx.Exec(ctx, `update message_texts set machine_draft = $3, machine_subject = $4, machine_body = $5, machine_body_ref = $6 where org_id = $1 and message_id = $2`,
			k.org, k.own, x.Draft, x.Subject, x.Body, x.BodyRef); err != nil {
			return fmt.Errorf("keep what programs wrote: %w", err)
		}
	}
	return nil
}

// MachineTexts returns what programs wrote last of messages whose newest drafts people wrote.
func MachineTexts(ctx context.Context, tx pgx.Tx, org uuid.UUID, messages []uuid.UUID) ([]*MachineText, error) {
	rows, err := tx.Query(ctx, `select message_id, machine_draft, machine_subject, machine_body, machine_body_ref from read.message_texts where org_id = $1 and message_id = any($2) and machine_draft > 0`, org, messages)
	return collectAll[MachineText](rows, err, "read what programs wrote")
}
