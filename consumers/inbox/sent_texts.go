package inbox

import (
	"context"

	"github.com/google/uuid"

	"outrider/internal/app/sealedtext"
)

// SentText is the text of a message of ours.
type SentText struct {
	Body    string
	BodyRef string // where a body is stored that is too long for the log, sealed with the lead's key; Body is then empty
	Below   string // what its mailbox adds; "" = nothing
	Footer  string // below that
}

// readSentTexts returns what we have sent to a person, so that quotes of it aren't taken for their words.
func (m *Monitor) readSentTexts(ctx context.Context, org uuid.UUID, sent SentMessage) (out []string, err error) {
	texts, err := m.Mail.SentTexts(ctx, org, sent.MessageID)
	if err != nil {
		return nil, err
	}
	for _, t := range texts {
		if t.BodyRef != "" {
			keys, err := m.Keys.Existing(ctx, org, []uuid.UUID{sent.LeadID})
			if err != nil {
				return nil, err
			}
			key, there := keys[sent.LeadID]
			if !there {
				continue
			}
			if t.Body, err = sealedtext.OpenStored(ctx, m.Objects, key, t.BodyRef); err != nil {
				return nil, err
			}
		}
		if t.Below != "" {
			t.Body += "\n\n" + t.Below
		}
		out = append(out, t.Body+"\n\n-- \n"+t.Footer)
	}
	return out, nil
}
