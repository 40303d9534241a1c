package projections

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
)

// Set reads the rows of some ids of one organisation at once; those that don't exist are missing.
type Set[R any] map[uuid.UUID]*R

func setOf[R any](ctx context.Context, tx pgx.Tx, table, key string, org uuid.UUID, ids []uuid.UUID, of func(*R) uuid.UUID) (Set[R], error) {
	return narrowSetOf(ctx, tx, table, columnsOf[R](), key, org, ids, of)
}

// narrowSetOf reads only some columns of the rows; the other fields are empty.
func narrowSetOf[R any](ctx context.Context, tx pgx.Tx, table, columns, key string, org uuid.UUID, ids []uuid.UUID, of func(*R) uuid.UUID) (Set[R], error) {
	out := Set[R]{}
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := tx.Query(ctx, eachOf(pgx.Identifier{"read", table}.Sanitize(), columns, pgx.Identifier{key}.Sanitize(), "uuid[]"), org, rawIDs(ids))
	if err != nil {
		return out, fmt.Errorf("read %s: %w", table, err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByNameLax[R])
	if err != nil {
		return out, fmt.Errorf("read %s: %w", table, err)
	}
	for _, r := range all {
		out[of(r)] = r
	}
	return out, nil
}

// Messages returns messages by their ids.
func Messages(ctx context.Context, tx pgx.Tx, org uuid.UUID, ids []uuid.UUID) (Set[Message], error) {
	return setOf(ctx, tx, "messages", "message_id", org, ids, func(m *Message) uuid.UUID { return m.MessageID })
}

// rawIDs returns ids as the driver encodes them without conversion.
func rawIDs(ids []uuid.UUID) [][16]byte {
	out := make([][16]byte, len(ids))
	for i, id := range ids {
		out[i] = id
	}
	return out
}

// MessagesToSend returns messages by their ids, with what is needed to write and to send them: what they are of, and what came before.
func MessagesToSend(ctx context.Context, tx pgx.Tx, org uuid.UUID, ids []uuid.UUID) (Set[Message], error) {
	const columns = `org_id, message_id, lead_id, campaign_id, mailbox_id, steps_version, step_id, step, variant_id, previous_id, reason, sent_at`
	return narrowSetOf(ctx, tx, "messages", columns, "message_id", org, ids, func(m *Message) uuid.UUID { return m.MessageID })
}

// MessageTexts returns the texts of messages by their ids.
func MessageTexts(ctx context.Context, tx pgx.Tx, org uuid.UUID, ids []uuid.UUID) (Set[MessageText], error) {
	return setOf(ctx, tx, "message_texts", "message_id", org, ids, func(m *MessageText) uuid.UUID { return m.MessageID })
}

// Leads returns leads by their ids.
func Leads(ctx context.Context, tx pgx.Tx, org uuid.UUID, ids []uuid.UUID) (Set[Lead], error) {
	return setOf(ctx, tx, "leads", "lead_id", org, ids, func(l *Lead) uuid.UUID { return l.LeadID })
}

// AddressesOfLeads returns leads by their ids, with nothing but their addresses.
func AddressesOfLeads(ctx context.Context, tx pgx.Tx, org uuid.UUID, ids []uuid.UUID) (Set[Lead], error) {
	return narrowSetOf(ctx, tx, "leads", `org_id, lead_id, email`, "lead_id", org, ids, func(l *Lead) uuid.UUID { return l.LeadID })
}

// Mailboxes returns mailboxes by their ids, removed ones too.
func Mailboxes(ctx context.Context, tx pgx.Tx, org uuid.UUID, ids []uuid.UUID) (Set[Mailbox], error) {
	return setOf(ctx, tx, "mailboxes", "mailbox_id", org, ids, func(m *Mailbox) uuid.UUID { return m.MailboxID })
}

// Campaigns returns campaigns by their ids.
func Campaigns(ctx context.Context, tx pgx.Tx, org uuid.UUID, ids []uuid.UUID) (Set[Campaign], error) {
	return setOf(ctx, tx, "campaigns", "campaign_id", org, ids, func(c *Campaign) uuid.UUID { return c.CampaignID })
}

// StepsOf returns the steps of campaigns, by version.
func StepsOf(ctx context.Context, tx pgx.Tx, org uuid.UUID, campaigns []uuid.UUID) (map[uuid.UUID]map[int][]events.Step, error) {
	rows, err := tx.Query(ctx, selectFrom[CampaignSteps]("campaign_steps")+`where org_id = $1 and campaign_id = any($2)`, org, campaigns)
	all, err := collectAll[CampaignSteps](rows, err, "read steps")
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID]map[int][]events.Step{}
	for _, r := range all {
		var steps []events.Step
		if err := json.Unmarshal(r.Steps, &steps); err != nil {
			return nil, fmt.Errorf("read steps: %w", err)
		}
		if out[r.CampaignID] == nil {
			out[r.CampaignID] = map[int][]events.Step{}
		}
		out[r.CampaignID][r.Version] = steps
	}
	return out, nil
}
