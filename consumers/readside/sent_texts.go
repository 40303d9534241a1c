package readside

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"outrider/consumers/inbox"
	"outrider/consumers/reaction"
	"outrider/internal/app/mailboxes"
	"outrider/projections"
)

// SentTexts implements inbox.Correspondence.
func (r *ReadSide) SentTexts(ctx context.Context, org, message uuid.UUID) (out []inbox.SentText, err error) {
	s, err := r.readContext(ctx, org, []uuid.UUID{message}, false)
	if errors.Is(err, reaction.ErrGone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m := s.messages[message]
	if m == nil {
		return nil, nil
	}
	for _, m := range slices.Concat([]*projections.Message{m}, s.threadOf(m)) {
		if text := s.texts[m.MessageID]; text != nil && (text.Body != nil || text.BodyRef != "") {
			below := mailboxes.Signature{}
			if box := s.mailboxes[m.MailboxID]; box != nil {
				if below, _, err = mailboxes.LetterOf(box); err != nil {
					return nil, err
				}
			}
			out = append(out, inbox.SentText{Body: deref(text.Body), BodyRef: text.BodyRef, Below: below.Text, Footer: footerOf(s.org)})
		}
	}
	return out, nil
}
