package readside

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"outrider/consumers/reaction"
	"outrider/internal/app/outgoing"
	"outrider/internal/app/sealedtext"
	"outrider/internal/linktoken"
)

// AsSent returns the bytes of a message that was written, as they leave; but for the time of day, and a signature of the sender's domain. It returns ErrGone for one whose
// text or mailbox isn't there any more.
func (r *ReadSide) AsSent(ctx context.Context, org, message uuid.UUID) ([]byte, error) {
	letter, err := r.OutgoingMessage(ctx, org, message)
	if err != nil {
		return nil, err
	}
	if letter.From == nil {
		return nil, fmt.Errorf("mailbox of message %s: %w", message, reaction.ErrGone)
	}
	if letter.BodyRef != "" {
		if letter.Body, err = r.openStored(ctx, org, letter.LeadID, letter.BodyRef); err != nil {
			return nil, err
		}
	}
	return outgoing.Compose(outgoing.LinksOf(r.Links, *letter.From, &letter), linktoken.Token{Org: org, Message: message}, *letter.From, letter, r.Now())
}

// openStored reads a body from where long ones lie; ErrGone once nobody can read it.
func (r *ReadSide) openStored(ctx context.Context, org, lead uuid.UUID, ref string) (string, error) {
	found, err := r.Keys.Existing(ctx, org, []uuid.UUID{lead})
	if err != nil {
		return "", err
	}
	key, ok := found[lead]
	if !ok {
		return "", fmt.Errorf("the key of lead %s: %w", lead, reaction.ErrGone)
	}
	return sealedtext.OpenStored(ctx, r.Objects, key, ref)
}
