package deliveries

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/linktoken"
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

// TestEveryTypeHasItsCommand: what is new is nobody's.
func TestEveryTypeHasItsCommand(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		sendgrid.Processed: "processed", sendgrid.Delivered: "delivered", sendgrid.Deferred: "delayed",
		sendgrid.Bounce: "message.record_bounce.v3", sendgrid.Dropped: "message.record_drop.v1", sendgrid.SpamReport: "message.record_complaint.v2",
		sendgrid.Unsubscribe: "lead.unsubscribe.v2", sendgrid.GroupUnsubscribe: "lead.unsubscribe.v2",
		sendgrid.Open: "message.record_hits.v1", sendgrid.Click: "message.record_hits.v1", sendgrid.GroupResubscribe: "", "account_status_change": "",
	} {
		x := sendgrid.Report{Type: kind, ID: "a"}
		got := ""
		if follows(kind) {
			if got = lightKind(kind); countsHit(kind) {
				got = commands.RecordHits{}.CommandType()
			} else if got == "" {
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

// An open or a click counts where nothing of ours in the message counts it, and people and machines are told apart.
func TestOpensAndClicksOfTheProviderCountWhereOursCannot(t *testing.T) {
	t.Parallel()
	signer, err := linktoken.NewSigner(linktoken.SigningKey{ID: 1, Secret: []byte("a secret of tests, which is long enough")})
	if err != nil {
		t.Fatal(err)
	}
	org, sent := uuid.New(), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	r := Recorder{Config{Signer: signer}}
	const person, proxy = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36", "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
	page := linktoken.Links{Signer: signer, Base: "https://go.test"}.Unsubscribe(linktoken.Token{Org: org, Message: uuid.New()})
	for what, x := range map[string]struct {
		report sendgrid.Report
		want   string // class; "" = it doesn't count
	}{
		"an open":                           {sendgrid.Report{Type: sendgrid.Open, Tracked: "nothing", UserAgent: person}, events.ClassHuman},
		"an open beside clicks of ours":     {sendgrid.Report{Type: sendgrid.Open, Tracked: "clicks", UserAgent: person}, events.ClassHuman},
		"an open of a message with both":    {sendgrid.Report{Type: sendgrid.Open, Tracked: "opens clicks", UserAgent: person}, ""},
		"an open beside a pixel of ours":    {sendgrid.Report{Type: sendgrid.Open, Tracked: "opens", UserAgent: person}, ""},
		"of a message of long ago":          {sendgrid.Report{Type: sendgrid.Open, UserAgent: person}, ""},
		"a machine's open":                  {sendgrid.Report{Type: sendgrid.Open, Tracked: "nothing", UserAgent: person, Machine: true}, events.ClassProxy},
		"a proxy's open":                    {sendgrid.Report{Type: sendgrid.Open, Tracked: "nothing", UserAgent: proxy}, events.ClassProxy},
		"a click":                           {sendgrid.Report{Type: sendgrid.Click, Tracked: "opens", UserAgent: person, At: sent.Add(time.Hour), URL: "https://acme.test/x", Link: 2}, events.ClassHuman},
		"a click in haste":                  {sendgrid.Report{Type: sendgrid.Click, Tracked: "nothing", UserAgent: person, At: sent.Add(time.Second)}, events.ClassScanner},
		"a crawler's click":                 {sendgrid.Report{Type: sendgrid.Click, Tracked: "nothing", UserAgent: "curl/8.5.0", At: sent.Add(time.Hour)}, events.ClassScanner},
		"a click beside links of ours":      {sendgrid.Report{Type: sendgrid.Click, Tracked: "clicks", UserAgent: person, At: sent.Add(time.Hour)}, ""},
		"a click on the way to unsubscribe": {sendgrid.Report{Type: sendgrid.Click, Tracked: "nothing", UserAgent: person, At: sent.Add(time.Hour), URL: page}, ""},
	} {
		got := ""
		if r.isTheirs(org, x.report) {
			h := hitOf(x.report, known{sent: &sent}, es.SystemOrg)
			if got = h.Class; (h.Link != nil) != (x.report.Type == sendgrid.Click) || h.Link != nil && *h.Link != x.report.Link {
				t.Errorf("%s is of link %v", what, h.Link)
			}
		}
		if got != x.want {
			t.Errorf("%s counts as %q, want %q", what, got, x.want)
		}
	}
}
