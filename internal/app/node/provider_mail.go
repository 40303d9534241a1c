package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api"
	"outrider/consumers/inbox"
	"outrider/consumers/reaction"
	"outrider/consumers/readside"
	appmailboxes "outrider/internal/app/mailboxes"
	"outrider/internal/linktoken"
	"outrider/internal/mail/sendgrid"
)

// newProviderMail lets the api record mail that providers hand over, and show messages as they leave.
func (n *Node) newProviderMail() (api.ProviderMail, api.MessagesAsSent, error) {
	reads, err := readside.New(readside.Config{Pool: n.Pools.API, All: n.Pools.API, Keys: n.vault, Links: linktoken.Links{Signer: n.Signer, Base: n.mailing.base}, Objects: n.blobs, Now: n.clock.Now,
		Position: func(ctx context.Context, projection string, partition int32, pseq int64) error {
			return n.Positions.Wait(ctx, ReadModel(projection), partition, pseq)
		}, CatchUp: n.catchUp})
	if err != nil {
		return nil, nil, err
	}
	r, err := inbox.NewReceiver(inbox.MonitorConfig{Mail: reads, Keys: n.vault, Hashes: n.vault, Objects: n.blobs, Secrets: appmailboxes.CacheSecrets(n.vault), Commands: n.Gateway, Signer: n.Signer, Now: n.clock.Now, Log: n.log}, reads.MailboxesOf)
	if err != nil {
		return nil, nil, err
	}
	return r.Receive, func(ctx context.Context, org, message uuid.UUID) ([]byte, error) {
		raw, err := reads.AsSent(ctx, org, message)
		if errors.Is(err, reaction.ErrGone) {
			return nil, fmt.Errorf("%w: %w", pgx.ErrNoRows, err)
		}
		return raw, err
	}, nil
}

// withArguments has messages named by their ids in what SendGrid reports, with what we track in them ourselves, and by nothing else.
func withArguments(o sendgrid.Options, s *linktoken.Signer) sendgrid.Options {
	o.Arguments = func(messageID, content string) map[string]string {
		t, err := s.VerifyMessageID(messageID)
		if err != nil {
			return nil // an answer of a member, or a message of the mailbox to itself
		}
		return map[string]string{sendgrid.IDArgument: t.Message.String(), sendgrid.TrackedArgument: trackedIn(s, t.Org, content)}
	}
	return o
}

// trackedIn tells which links of ours that count a content has.
func trackedIn(s *linktoken.Signer, org uuid.UUID, content string) string {
	var opens, clicks bool
	for _, t := range s.Find(org, []byte(content)) {
		opens, clicks = opens || t.Kind == linktoken.Open, clicks || t.Kind == linktoken.Click && t.Link != linktoken.Trap
	}
	switch {
	case opens && clicks:
		return sendgrid.TracksOpens + " " + sendgrid.TracksClicks
	case opens:
		return sendgrid.TracksOpens
	case clicks:
		return sendgrid.TracksClicks
	}
	return sendgrid.TracksNothing
}
