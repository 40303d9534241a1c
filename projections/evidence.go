package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// MessageEvidence is a row of read.message_evidence.
type MessageEvidence struct {
	OrgID        uuid.UUID  `db:"org_id"`
	MessageID    uuid.UUID  `db:"message_id"`
	Oseq         int64      `db:"oseq"`
	LeadID       uuid.UUID  `db:"lead_id"`
	CampaignID   uuid.UUID  `db:"campaign_id"`
	Number       int        `db:"number"`
	Gate         int        `db:"gate"`
	Sentences    int        `db:"sentences"`
	Unsupported  int        `db:"unsupported"`
	Report       *string    `db:"report"` // nil once the person is erased; so is the next
	Reason       *string    `db:"reason"`
	OverruledAt  *time.Time `db:"overruled_at"`
	OverruledBy  string     `db:"overruled_by"`
	Model        string     `db:"model"`
	PromptHash   string     `db:"prompt_hash"`
	InputTokens  int        `db:"input_tokens"`
	OutputTokens int        `db:"output_tokens"`
	CostMicros   int64      `db:"cost_micros"`
	RecordedAt   time.Time  `db:"recorded_at"`
	Lapsed       string     `db:"lapsed"` // why something that it says doesn't hold any more
}

type evidenceFold struct{ keys Keys }

func (f evidenceFold) handleBatch(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	if err := forgetTexts(ctx, tx, "message_evidence", []string{"report", "reason"}, erasedIn(batch)); err != nil {
		return err
	}
	var touched []id
	var refs []pii.Ref
	for _, e := range batch {
		if p, ok := e.Payload.(events.MessageApprovalLapsed); ok {
			touched = append(touched, id{e.Org, p.MessageID})
		}
		switch p := events.As[events.EvidenceEvent](e.Payload).(type) {
		case events.EvidenceRecorded:
			touched, refs = append(touched, id{e.Org, p.MessageID}), append(refs, keyRef(e.Org, p.LeadID, p.Report))
		case events.EvidenceOverruled:
			touched, refs = append(touched, id{e.Org, p.MessageID}), append(refs, keyRef(e.Org, p.LeadID, p.Reason))
		case events.DraftEditMeasured: // changes nothing here
		}
	}
	if len(touched) == 0 {
		return nil
	}
	t, err := lookupTexts(ctx, f.keys, refs)
	if err != nil {
		return err
	}
	defer t.closeDecoder()
	rows := newFold[id, MessageEvidence]()
	if err := loadRows(ctx, tx, rows, "message_evidence", "message_id", touched, func(r *MessageEvidence) id { return id{r.OrgID, r.MessageID} }); err != nil {
		return err
	}
	erased := lastErasure(batch)
	for _, e := range batch {
		if p, ok := e.Payload.(events.MessageApprovalLapsed); ok && rows.rows[id{e.Org, p.MessageID}] != nil {
			rows.rows[id{e.Org, p.MessageID}].Lapsed = p.Reason
		}
		switch p := events.As[events.EvidenceEvent](e.Payload).(type) {
		case events.EvidenceRecorded:
			row := &MessageEvidence{OrgID: e.Org, MessageID: p.MessageID, Oseq: e.Oseq, LeadID: p.LeadID, CampaignID: p.CampaignID, Number: p.Number, Gate: p.Gate, Sentences: p.Sentences, Unsupported: p.Unsupported,
				Model: replaceNUL(p.Model), PromptHash: replaceNUL(p.PromptHash), InputTokens: p.InputTokens, OutputTokens: p.OutputTokens, CostMicros: p.CostMicros, RecordedAt: e.Time}
			if e.Oseq > erased[id{e.Org, p.LeadID}] {
				if row.Report, err = t.openText(e.Org, p.LeadID, DraftEvidenceField, p.Report); err != nil {
					return err
				}
			}
			rows.putRow(id{e.Org, p.MessageID}, row)
		case events.EvidenceOverruled:
			row := rows.rows[id{e.Org, p.MessageID}]
			if row == nil {
				continue
			}
			row.OverruledAt, row.OverruledBy, row.Lapsed = &e.Time, e.Actor.Kind+":"+replaceNUL(e.Actor.ID), ""
			if e.Oseq > erased[id{e.Org, p.LeadID}] {
				if row.Reason, err = t.openText(e.Org, p.LeadID, ReasonField, p.Reason); err != nil {
					return err
				}
			}
		case events.DraftEditMeasured: // changes nothing here
		}
	}
	return upsertRows(ctx, tx, "message_evidence", "org_id, message_id", rows.liveRows())
}

// UnsupportedDrafts returns of some messages how many sentences keep them from being approved, where any do.
func UnsupportedDrafts(ctx context.Context, tx pgx.Tx, org uuid.UUID, messages []uuid.UUID) (map[uuid.UUID]int, error) {
	rows, err := tx.Query(ctx, `select message_id, case when lapsed <> '' then greatest(unsupported, 1) when overruled_at is not null then 0 else unsupported end
		from read.message_evidence where org_id = $1 and message_id = any($2) and (unsupported > 0 or lapsed <> '')`, org, messages)
	if err != nil {
		return nil, fmt.Errorf("read what drafts say: %w", err)
	}
	out := map[uuid.UUID]int{}
	var message uuid.UUID
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&message, &n}, func() error { out[message] = n; return nil }); err != nil {
		return nil, fmt.Errorf("read what drafts say: %w", err)
	}
	return out, nil
}

// GetMessageEvidence returns pgx.ErrNoRows for a message whose drafts aren't held against facts.
func GetMessageEvidence(ctx context.Context, tx pgx.Tx, org, message uuid.UUID) (*MessageEvidence, error) {
	rows, err := tx.Query(ctx, selectFrom[MessageEvidence]("message_evidence")+`where org_id = $1 and message_id = $2`, org, message)
	return collectOne[MessageEvidence](rows, err, "get evidence")
}
