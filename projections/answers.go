package projections

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// What the sealed values of answers are bound to.
const (
	AnswerField       = "answer_draft"
	AnswerReportField = "answer_report"
)

// Answer is a row of read.answers: what a program would answer to a mail.
type Answer struct {
	OrgID      uuid.UUID  `db:"org_id"`
	MailID     uuid.UUID  `db:"mail_id"`
	Oseq       int64      `db:"oseq"`
	ThreadID   uuid.UUID  `db:"thread_id"`
	LeadID     uuid.UUID  `db:"lead_id"`
	CampaignID uuid.UUID  `db:"campaign_id"`
	Meaning    string     `db:"meaning"`
	Writer     string     `db:"writer"`
	Body       *string    `db:"body"`   // nil once the person is erased; so is the next
	Report     *string    `db:"report"` // as it was recorded
	Model      string     `db:"model"`
	CostMicros int64      `db:"cost_micros"`
	ResponseID *uuid.UUID `db:"response_id"`
	DraftedAt  time.Time  `db:"drafted_at"`
}

// AnswerAutomation is a row of read.answer_automation.
type AnswerAutomation struct {
	OrgID    uuid.UUID       `db:"org_id"`
	Oseq     int64           `db:"oseq"`
	Meanings json.RawMessage `db:"meanings"` // []string
	SetBy    string          `db:"set_by"`
	SetAt    time.Time       `db:"set_at"`
}

type answerFold struct{ keys Keys }

func (f answerFold) handleBatch(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	if err := forgetTexts(ctx, tx, "answers", []string{"body", "report"}, erasedIn(batch)); err != nil {
		return err
	}
	var touched []id
	var refs []pii.Ref
	settings := newFold[id, AnswerAutomation]()
	for _, e := range batch {
		switch p := events.As[events.AnswerEvent](e.Payload).(type) {
		case events.AnswerDrafted:
			touched, refs = append(touched, id{e.Org, p.MailID}), append(refs, keyRef(e.Org, p.LeadID, p.Body), keyRef(e.Org, p.LeadID, p.Report))
		case events.AnswerSentByItself:
			touched = append(touched, id{e.Org, p.MailID})
		case events.AnswerAutomationSet:
			meanings, err := es.Marshal(append([]string{}, p.Meanings...))
			if err != nil {
				return err
			}
			settings.putRow(id{e.Org, e.Org}, &AnswerAutomation{OrgID: e.Org, Oseq: e.Oseq, Meanings: meanings, SetBy: e.Actor.Kind + ":" + replaceNUL(e.Actor.ID), SetAt: e.Time})
		}
	}
	if err := upsertRows(ctx, tx, "answer_automation", "org_id", settings.liveRows()); err != nil || len(touched) == 0 {
		return err
	}
	t, err := lookupTexts(ctx, f.keys, refs)
	if err != nil {
		return err
	}
	defer t.closeDecoder()
	rows := newFold[id, Answer]()
	if err := loadRows(ctx, tx, rows, "answers", "mail_id", touched, func(r *Answer) id { return id{r.OrgID, r.MailID} }); err != nil {
		return err
	}
	erased := lastErasure(batch)
	for _, e := range batch {
		switch p := events.As[events.AnswerEvent](e.Payload).(type) {
		case events.AnswerDrafted:
			row := &Answer{OrgID: e.Org, MailID: p.MailID, Oseq: e.Oseq, ThreadID: p.ThreadID, LeadID: p.LeadID, CampaignID: p.CampaignID, Meaning: replaceNUL(p.Meaning), Writer: p.Writer, Model: replaceNUL(p.Model),
				CostMicros: p.CostMicros, DraftedAt: e.Time}
			if e.Oseq > erased[id{e.Org, p.LeadID}] {
				var err2 error
				row.Body, err = t.openText(e.Org, p.LeadID, AnswerField, p.Body)
				row.Report, err2 = t.openText(e.Org, p.LeadID, AnswerReportField, p.Report)
				if err := errors.Join(err, err2); err != nil {
					return err
				}
			}
			if was := rows.rows[id{e.Org, p.MailID}]; was != nil {
				row.ResponseID = was.ResponseID
			}
			rows.putRow(id{e.Org, p.MailID}, row)
		case events.AnswerSentByItself:
			if row := rows.rows[id{e.Org, p.MailID}]; row != nil {
				row.ResponseID = &p.ResponseID
			}
		case events.AnswerAutomationSet: // is written already
		}
	}
	return upsertRows(ctx, tx, "answers", "org_id, mail_id", rows.liveRows())
}

// LastAnswer returns the newest draft of an answer in a thread; pgx.ErrNoRows when there is none.
func LastAnswer(ctx context.Context, tx pgx.Tx, org, thread uuid.UUID) (*Answer, error) {
	rows, err := tx.Query(ctx, selectFrom[Answer]("answers")+`where org_id = $1 and thread_id = $2 order by oseq desc limit 1`, org, thread)
	return collectOne[Answer](rows, err, "get answer")
}

// AnsweredByItself reports whether a response was written without a person.
func AnsweredByItself(ctx context.Context, tx pgx.Tx, org, response uuid.UUID) (is bool, err error) {
	err = tx.QueryRow(ctx, `select exists (select from read.answers where org_id = $1 and response_id = $2)`, org, response).Scan(&is)
	return is, err
}

// GetAnswerAutomation returns which mails are answered without a person; none where nobody has set any.
func GetAnswerAutomation(ctx context.Context, tx pgx.Tx, org uuid.UUID) (*AnswerAutomation, error) {
	rows, err := tx.Query(ctx, selectFrom[AnswerAutomation]("answer_automation")+`where org_id = $1`, org)
	out, err := collectOne[AnswerAutomation](rows, err, "get automation of answers")
	if errors.Is(err, pgx.ErrNoRows) {
		return &AnswerAutomation{OrgID: org, Meanings: json.RawMessage(`[]`)}, nil
	}
	return out, err
}

// Read returns them.
func (a *AnswerAutomation) Read() (meanings []string, err error) {
	if err := json.Unmarshal(a.Meanings, &meanings); err != nil {
		return nil, fmt.Errorf("read automation of answers: %w", err)
	}
	return meanings, nil
}
