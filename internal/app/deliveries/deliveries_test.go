package deliveries

import (
	"testing"
	"time"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/mail/sendgrid"
)

func TestWhyAMessageWasDropped(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{"Bounced Address": events.DroppedBounced, "Unsubscribed Address": events.DroppedUnsubscribed, "Spam Reporting Address": events.DroppedComplained,
		"Invalid": events.DroppedInvalid, "Invalid SMTPAPI header": events.DroppedInvalid, "Spam Content (if spam checker app enabled)": events.DroppedContent, "Recipient List over Package Quota": events.DroppedQuota, "": events.DroppedOther} {
		if got := dropReason(words); got != want {
			t.Errorf("%q is %s, want %s", words, got, want)
		}
	}
	if got := HideAddresses("550 <Bob@Example.com>: no such user bob@example.com"); got != "550 <<address>>: no such user <address>" {
		t.Errorf("got %q", got)
	}
}

// TestEveryTypeHasItsCommand: opens and clicks are ours to count, and what is new is nobody's.
func TestEveryTypeHasItsCommand(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		sendgrid.Processed: "processed", sendgrid.Delivered: "delivered", sendgrid.Deferred: "delayed",
		sendgrid.Bounce: "message.record_bounce.v3", sendgrid.Dropped: "message.record_drop.v1", sendgrid.SpamReport: "message.record_complaint.v2",
		sendgrid.Unsubscribe: "lead.unsubscribe.v2", sendgrid.GroupUnsubscribe: "lead.unsubscribe.v2",
		sendgrid.Open: "", sendgrid.Click: "", sendgrid.GroupResubscribe: "", "account_status_change": "",
	} {
		x := sendgrid.Report{Type: kind, ID: "a"}
		got := ""
		if follows(kind) {
			if got = lightKind(kind); got == "" {
				got = commandOf(x, known{}, reportID(es.SystemOrg, x), x.At).CommandType()
			}
		}
		if got != want {
			t.Errorf("%s is %q, want %q", kind, got, want)
		}
	}
	blocked := commandOf(sendgrid.Report{Type: sendgrid.Bounce, Blocked: true}, known{}, es.SystemOrg, time.Time{})
	if blocked.CommandType() != "message.record_block.v1" {
		t.Errorf("a block is %s", blocked.CommandType())
	}
}
