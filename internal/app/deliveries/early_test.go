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

// TestAReportThatComesBeforeItsMessageComesAgain: the read model may be behind by any time, and nobody tells a second time of what was taken. Many types of
// reports name no Message-ID.
func TestAReportThatComesBeforeItsMessageComesAgain(t *testing.T) {
	t.Parallel()
	signer, err := linktoken.NewSigner(linktoken.SigningKey{ID: 1, Secret: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	org, message, now, behind := es.NewID(), es.NewID(), time.Now(), errors.New("behind")
	for name, c := range map[string]struct {
		report  sendgrid.Report
		catchUp error
		asked   int
		want    error
	}{
		"behind":                  {sendgrid.Report{MessageID: message.String(), At: now}, behind, 1, behind},
		"behind for long":         {sendgrid.Report{MessageID: message.String(), At: now.Add(-24 * time.Hour)}, behind, 1, behind},
		"behind, by a Message-ID": {sendgrid.Report{SMTPID: signer.MessageID(linktoken.Token{Org: org, Message: message}, "ours.test"), At: now}, behind, 1, behind},
		"none of ours":            {sendgrid.Report{MessageID: message.String(), At: now}, nil, 1, nil},
		"about no message":        {sendgrid.Report{MessageID: "1", At: now}, behind, 0, nil},
	} {
		asked := 0
		r := Recorder{Config{Signer: signer, Now: func() time.Time { return now },
			ReadInOrg: func(context.Context, uuid.UUID, func(pgx.Tx) error) error { return nil }, // nothing is shown
			CatchUp:   func(context.Context, uuid.UUID, ...string) error { asked++; return c.catchUp }}}
		c.report.Type, c.report.ID = sendgrid.SpamReport, "a"
		out, err := r.Record(t.Context(), org, []sendgrid.Report{c.report})
		if !errors.Is(err, c.want) || out.Recorded != 0 || asked != c.asked || (out.Foreign == 1) != (c.want == nil) {
			t.Errorf("%s: %+v, %v after %d questions", name, out, err, asked)
		}
	}
}
