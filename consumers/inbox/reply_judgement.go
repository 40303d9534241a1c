package inbox

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/app/sealedtext"
	"outrider/internal/mail/inbound"
	"outrider/internal/pii"
	"outrider/projections"
)

// ReplyModel judges answers that rules can't tell. It gets the person's own words only: what is ours, or quoted, is taken away before.
// What they say is data for it, never an instruction.
type ReplyModel interface {
	JudgeReply(ctx context.Context, org uuid.UUID, said string, received time.Time) (ModelJudgement, error)
}

// ModelJudgement is what a model makes of an answer.
type ModelJudgement struct {
	Meaning    string // one of events.Means...
	Evidence   string // words of the answer; what doesn't stand in it is no evidence
	Confidence int    // percent
	AskAgain   time.Time
}

// maxSaid bounds what a model reads, in bytes.
const maxSaid = 8 << 10

// maxEvidence bounds the words that are kept, in bytes.
const maxEvidence = 500

// judgeReply returns what an answer means, by the model where the rules aren't sure, with the reasons sealed. A model that fails leaves it to a person.
func (m *Monitor) judgeReply(ctx context.Context, org uuid.UUID, key pii.Key, x inbound.Mail, ours []string, received time.Time, v inbound.Classification) (inbound.Classification, events.Judged, error) {
	if v.Kind != inbound.Reply {
		return v, events.Judged{}, nil
	}
	j := events.Judged{Confidence: v.Confidence, Source: v.Source}
	if m.Model != nil && v.Confidence < events.SureEnough && !v.OptsOut {
		said, _ := inbound.SplitQuotes(x.Full, ours)
		said = strings.ToValidUTF8(said[:min(len(said), maxSaid)], "")
		told, err := m.Model.JudgeReply(ctx, org, said, received)
		switch {
		case err != nil:
			m.Log.Warn("no model judges an answer", "error", err)
		case told.Confidence > v.Confidence && slices.Contains(events.Meanings(), told.Meaning) && strings.Contains(said, told.Evidence):
			v.Class, v.Evidence, v.Until = inbound.Class(told.Meaning), told.Evidence, told.AskAgain
			v.OptsOut = v.Class == inbound.Unsubscribe && told.Confidence >= events.SureEnough
			j.Confidence, j.Source = min(told.Confidence, 100), events.JudgedByModel
		}
	}
	if v.Class == inbound.NotNow && v.Until.After(received) {
		j.AskAgain = v.Until.Format(time.DateOnly)
	}
	var err error
	if evidence := strings.ToValidUTF8(v.Evidence[:min(len(v.Evidence), maxEvidence)], ""); evidence != "" {
		if j.Evidence, err = sealedtext.Seal(key, projections.EvidenceField, evidence); err != nil {
			return v, j, err
		}
	}
	if v.Named.Email == "" {
		return v, j, nil
	}
	named, err := json.Marshal(projections.ReferralContact{Email: v.Named.Email, Name: v.Named.Name})
	if err != nil {
		return v, j, err
	}
	j.Referral, err = sealedtext.Seal(key, projections.ReferralField, string(named))
	return v, j, err
}
