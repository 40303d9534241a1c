package api_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"outrider/projections"
)

// stopped waits until the lead's enrollment is stopped, and says why.
func (l letter) stopped() string {
	l.t.Helper()
	reason := ""
	l.see("the stop", func(tx pgx.Tx) (bool, error) {
		list, err := projections.ListEnrollments(l.t.Context(), tx, l.org, projections.EnrollmentFilter{CampaignID: l.id}, projections.Listing{Limit: 100})
		if err != nil {
			return false, err
		}
		for _, e := range list.Rows {
			if e.LeadID == l.lead && e.State == "stopped" {
				reason = e.Reason
			}
		}
		return reason != "", err
	})
	return reason
}

func (l letter) suppressions() (n int) {
	l.t.Helper()
	l.see("suppressions", func(tx pgx.Tx) (bool, error) {
		list, err := projections.ListSuppressions(l.t.Context(), tx, l.org, projections.SuppressionFilter{}, projections.Listing{Limit: 100})
		if err != nil {
			return false, err
		}
		n = len(list.Rows)
		return true, nil
	})
	return n
}

func TestOnlyAPostUnsubscribes(t *testing.T) {
	t.Parallel()
	c := letters(t)
	l := c.sent("ann@acme.test", threeLinks, time.Hour)
	page := c.seen(200, "GET", l.leave()+"?utm_source=x", browser)
	c.seen(200, "HEAD", l.leave(), browser)
	csp := page.header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "style-src 'sha256-") || bytes.Contains(page.body, []byte("<script")) || !bytes.Contains(page.body, []byte(`<form method="post">`)) {
		t.Errorf("%s\n%s", csp, page.body)
	}
	c.seen(302, "GET", l.click(0), browser) // comes to the log behind whatever the page may have done
	l.hits(1)
	if n := l.suppressions(); n != 0 {
		t.Fatal("looking at the page unsubscribes")
	}
	done := c.seen(200, "POST", l.leave(), browser, "confirm", "page")
	if !bytes.Contains(done.body, []byte("You are unsubscribed")) {
		t.Errorf("got %s", done.body)
	}
	if why := l.stopped(); why != "unsubscribed" {
		t.Errorf("stopped: %s", why)
	}
	c.seen(200, "POST", l.leave(), browser, "confirm", "page") // once more
	if n := l.suppressions(); n != 1 {
		t.Errorf("%d suppressions, want 1", n)
	}
	if how := l.how(); how != "page" {
		t.Errorf("unsubscribed by %s", how)
	}
}

// how is the way of the lead's unsubscription, as their timeline tells it.
func (l letter) how() string {
	l.t.Helper()
	for _, e := range l.ok("GET", "/v1/leads/"+l.lead.String()+"/timeline?limit=100", nil).list("data") {
		entry := e.(map[string]any)
		if entry["type"] == "lead.unsubscribed.v2" {
			how, _ := entry["data"].(map[string]any)["how"].(string)
			return how
		}
	}
	return ""
}

func TestOneClickUnsubscribes(t *testing.T) {
	t.Parallel()
	c := letters(t)
	l := c.sent("ann@acme.test", "", time.Hour)
	c.seen(200, "POST", l.leave(), google, "List-Unsubscribe", "One-Click")
	if l.stopped() != "unsubscribed" || l.how() != "one_click" {
		t.Errorf("stopped by %s", l.how())
	}
	other := c.sent("bob@other.test", "", time.Hour) // RFC 8058 allows this form too
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	check(t, w.WriteField("List-Unsubscribe", "One-Click"))
	check(t, w.Close())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url()+other.leave(), &body)
	check(t, err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	resp, err := http.DefaultTransport.RoundTrip(req)
	check(t, err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Set-Cookie") != "" {
		t.Errorf("got %d", resp.StatusCode)
	}
	if other.stopped() != "unsubscribed" || other.how() != "one_click" {
		t.Errorf("stopped by %s", other.how())
	}
}
