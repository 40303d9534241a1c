package deliveries

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/mail/sendgrid"
)

// TestAReportThatComesBeforeItsMessageComesAgain: the read model may be behind by a moment, and nobody tells a second time of what was taken.
func TestAReportThatComesBeforeItsMessageComesAgain(t *testing.T) {
	t.Parallel()
	signer, err := linktoken.NewSigner(linktoken.SigningKey{ID: 1, Secret: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	org, other, message, now := es.NewID(), es.NewID(), es.NewID(), time.Now()
	r := Recorder{Config{Signer: signer, Now: func() time.Time { return now }, ReadInOrg: func(context.Context, uuid.UUID, func(pgx.Tx) error) error { return nil }}} // nothing is shown
	for name, c := range map[string]struct {
		of   uuid.UUID
		at   time.Time
		want error
	}{"of just now": {org, now, ErrEarly}, "of long ago": {org, now.Add(-time.Hour), nil}, "another organisation's": {other, now, nil}} {
		id := signer.MessageID(linktoken.Token{Org: c.of, Message: message}, "ours.test")
		out, err := r.Record(t.Context(), org, []sendgrid.Report{{Type: sendgrid.Delivered, ID: "a", MessageID: message.String(), SMTPID: id, At: c.at}})
		if !errors.Is(err, c.want) || out.Recorded != 0 {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
}
