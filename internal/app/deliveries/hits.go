package deliveries

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/tracking"
	"outrider/internal/linktoken"
	"outrider/internal/mail/sendgrid"
)

// countsHit reports whether a type of report is of somebody who looked at a message.
func countsHit(kind string) bool { return kind == sendgrid.Open || kind == sendgrid.Click }

// isTheirs reports whether an open or a click is the provider's to count: nothing of ours in the message counts it. Of a message that left before it was said what of ours is in it
// nothing counts, and neither does a way to a page of ours, as of unsubscribing.
func (r Recorder) isTheirs(org uuid.UUID, x sendgrid.Report) bool {
	ours := map[string]string{sendgrid.Open: sendgrid.TracksOpens, sendgrid.Click: sendgrid.TracksClicks}[x.Type]
	if x.Tracked == "" || slices.Contains(strings.Fields(x.Tracked), ours) {
		return false
	}
	return x.Type == sendgrid.Open || len(r.Signer.Find(org, []byte(x.URL))) == 0
}

// hitOf is an open or a click as if somebody had fetched a link of ours. However often it is posted, it has one id.
func hitOf(x sendgrid.Report, about known, id uuid.UUID) commands.Hit {
	h := commands.Hit{SentMessageRef: about.ref, HitID: id, Class: string(linktoken.Classify(x.UserAgent)), At: x.At}
	if x.Type == sendgrid.Click {
		h.Link = &x.Link
	}
	switch {
	case x.Machine:
		h.Class = events.ClassProxy
	case h.Link != nil && h.Class == events.ClassHuman && about.sent != nil && x.At.Before(about.sent.Add(tracking.ScannerHaste)):
		h.Class = events.ClassScanner
	}
	return h
}
