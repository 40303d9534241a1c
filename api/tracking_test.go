package api_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/blob"
	"outrider/internal/linktoken"
	"outrider/projections"
)

const threeLinks = "See https://example.com/a?x=1&y=2, (https://example.org/b) and https://example.net/ünï."

// letters gives a tenant with a live campaign.
func letters(t *testing.T) *campaign {
	t.Helper()
	return setup(t).tenant("enterprise").campaign()
}

func TestHitsAreCountedAsWhoTheyAre(t *testing.T) {
	t.Parallel()
	c := letters(t)
	l := c.sent("ann@acme.test", threeLinks, time.Hour)
	image := c.seen(200, "GET", l.pixel(), google)
	if image.header.Get("Content-Type") != "image/gif" || image.header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(string(image.body), "GIF89a") {
		t.Errorf("got %v", image.header)
	}
	c.seen(200, "GET", l.pixel(), browser)
	for i, want := range []string{"https://example.com/a?x=1&y=2", "https://example.org/b"} {
		if to := c.seen(302, "GET", l.click(i), browser).header.Get("Location"); to != want {
			t.Errorf("link %d leads to %q", i, to)
		}
	}
	if to := c.seen(302, "HEAD", l.click(2), browser).header.Get("Location"); to != "https://example.net/%C3%BCn%C3%AF" {
		t.Errorf("link 2 leads to %q", to)
	}
	c.seen(200, "HEAD", l.pixel(), browser)
	c.seen(302, "GET", l.click(0), "curl/8.5")
	l.hits(5)
	m := l.row()
	if m.Opens != 1 || m.MachineOpenedAt == nil || m.Clicks != 2 || m.ScannerClickedAt == nil {
		t.Errorf("got %+v", m)
	}
	if hits := l.hits(5); len(hits) != 5 {
		t.Errorf("%d hits: HEAD counts", len(hits))
	}
}

func TestClientsAreSealedUnderTheLeadsKey(t *testing.T) {
	t.Parallel()
	c := letters(t)
	l := c.sent("ann@acme.test", "", time.Hour)
	spy := &spying{Gateway: c.cfg.Commands}
	c.serve(func(cfg *api.Config) { cfg.Commands = spy })
	c.seen(200, "GET", l.pixel(), browser)
	check(t, c.cfg.Vault.Erase(t.Context(), c.org, l.lead))
	c.seen(200, "GET", l.pixel(), browser)
	var hits []commands.Hit
	for _, cmd := range spy.posted(t) {
		hits = append(hits, cmd.(commands.RecordHits).Hits...)
	}
	if len(hits) != 2 || hits[0].Client.IsZero() || strings.Contains(string(hits[0].Client.C), "Firefox") || !hits[1].Client.IsZero() {
		t.Fatalf("got %+v", hits)
	}
	if keys, err := c.cfg.Vault.Existing(t.Context(), c.org, []uuid.UUID{l.lead}); err != nil || len(keys) != 0 {
		t.Errorf("an erased lead has a key again: %v", err)
	}
}

func TestHitsOfATokenAreLimited(t *testing.T) {
	t.Parallel()
	c := letters(t)
	l := c.sent("ann@acme.test", "", time.Hour)
	spy := &spying{Gateway: c.cfg.Commands}
	now := time.Now()
	c.serve(func(cfg *api.Config) { cfg.Commands, cfg.Now = spy, func() time.Time { return now } })
	for range 25 {
		c.seen(200, "GET", l.pixel(), browser)
	}
	if n := len(spy.posted(t)); n != 20 {
		t.Errorf("%d hits were recorded, want 20", n)
	}
	now = now.Add(time.Hour)
	c.seen(200, "GET", l.pixel(), browser)
	if n := len(spy.posted(t)); n != 21 {
		t.Errorf("%d hits were recorded after an hour, want 21", n)
	}
}

func TestClicksInHasteAreAScanners(t *testing.T) {
	t.Parallel()
	c := letters(t)
	fresh := c.sent("ann@acme.test", threeLinks, 5*time.Second)
	c.seen(302, "GET", fresh.click(0), browser)
	if h := fresh.hits(1); h[0].Class != events.ClassScanner {
		t.Errorf("a click 5 s after acceptance is a %s's", h[0].Class)
	}
	away := c.claimed("bob@other.test", events.Draft{}, threeLinks)
	c.seen(302, "GET", away.click(0), browser)
	if h := away.hits(1); h[0].Class != events.ClassScanner {
		t.Errorf("a click before acceptance is a %s's", h[0].Class)
	}
	late := c.claimed("cyd@third.test", events.Draft{}, threeLinks) // its result was lost in a crash
	at := time.Now().Add(time.Minute)
	c.serve(func(cfg *api.Config) { cfg.Now = func() time.Time { return at } })
	spy := &spying{Gateway: c.cfg.Commands}
	c.serve(func(cfg *api.Config) { cfg.Commands, cfg.Now = spy, func() time.Time { return at } })
	c.seen(302, "GET", late.click(0), browser)
	if h := spy.posted(t)[0].(commands.RecordHits).Hits[0]; h.Class != events.ClassHuman {
		t.Errorf("a click a minute after the claim is a %s's", h.Class)
	}
}

func TestWhoFollowsManyLinksIsAScanner(t *testing.T) {
	t.Parallel()
	c := letters(t)
	for name, third := range map[string]func(l letter) (int, string){
		"a third link":              func(l letter) (int, string) { return 302, l.click(2) },
		"the page to unsubscribe":   func(l letter) (int, string) { return 200, l.leave() },
		"the booking page":          func(l letter) (int, string) { return 200, l.book() },
		"the link that isn't shown": func(l letter) (int, string) { return 200, l.click(linktoken.Trap) },
	} {
		l := c.sent(strings.ReplaceAll(name, " ", "-")[:9]+"@"+uuid.NewString()+".test", threeLinks, time.Hour)
		c.seen(302, "GET", l.click(0), browser)
		if name != "the link that isn't shown" {
			c.seen(302, "GET", l.click(1), browser)
		}
		if m := l.hits(1); m[0].Class != events.ClassHuman {
			t.Errorf("%s: the first click was a %s's before", name, m[0].Class)
		}
		status, path := third(l)
		c.seen(status, "GET", path, browser)
		c.see(name, func(tx pgx.Tx) (bool, error) {
			m, err := projections.GetMessage(t.Context(), tx, c.org, l.message)
			return m.Clicks == 0 && m.ScannerClickedAt != nil, err
		})
		c.seen(302, "GET", l.click(0), browser) // and what follows at once
		for _, h := range l.hits(2) {
			if h.Class != events.ClassScanner {
				t.Errorf("%s: link %d is a %s's", name, h.Link, h.Class)
			}
		}
	}
	person := c.sent("slow@slow.test", threeLinks, time.Hour)
	at := time.Now()
	c.serve(func(cfg *api.Config) { cfg.Now = func() time.Time { return at } })
	for i := range 3 {
		c.seen(302, "GET", person.click(i), browser)
		c.seen(302, "GET", person.click(i), browser)
		at = at.Add(6 * time.Second)
	}
	for _, h := range person.hits(6) {
		if h.Class != events.ClassHuman {
			t.Errorf("somebody who follows a link every 6 s is a %s", h.Class)
		}
	}
}

func TestLongBodiesLeadOnToo(t *testing.T) {
	t.Parallel()
	c := letters(t)
	bucket, err := blob.Open(t.Context(), t.TempDir())
	check(t, err)
	c.serve(func(cfg *api.Config) { cfg.Objects = bucket })
	l := c.requested("ann@acme.test")
	stored := c.sealed(l.lead, projections.BodyField, "https://example.com/long "+strings.Repeat("x", 1000))
	ref, err := bucket.PutHashed(t.Context(), "bodies", fmt.Appendf(nil, `{"k":%d,"c":%q}`, stored.K, base64Of(stored.C)))
	check(t, err)
	c.command(commands.DraftMessage{MessageID: l.message, Draft: events.Draft{Subject: c.sealed(l.lead, projections.SubjectField, "Hi"), BodyRef: ref, Writer: "template"}})
	c.state(&l, projections.MessageScheduled)
	if to := c.seen(302, "HEAD", l.click(0), browser).header.Get("Location"); to != "https://example.com/long" {
		t.Errorf("the link leads to %q", to)
	}
}

func TestLinksOfOthersAndOfThePastLeadNowhere(t *testing.T) {
	t.Parallel()
	c := letters(t)
	l := c.sent("ann@acme.test", threeLinks, time.Hour)
	other := c.tenant("enterprise")
	stolen := letter{&campaign{client: other}, l.lead, l.message} // signed, but of another organisation
	for _, path := range []string{"/t/o/x", "/t/c/x", "/u/x", "/b/x", "/b/x/meeting.ics", "/t/o/" + l.sign(linktoken.Click, 0), "/u/" + l.sign(linktoken.Booking, 0), l.click(3), stolen.pixel(), stolen.click(0), stolen.leave(), stolen.book()} {
		want := 404
		if strings.Contains(path, stolen.sign(linktoken.Open, 0)) || path == stolen.click(0) || path == stolen.leave() || path == stolen.book() {
			want = 503 // as if it came before its message
		}
		if a := c.seen(want, "GET", path, browser); want == 503 && a.header.Get("Retry-After") == "" {
			t.Error("503 without Retry-After")
		}
	}
	c.ok("POST", "/v1/leads/"+l.lead.String()+"/erase", nil)
	c.see("the erasure", func(tx pgx.Tx) (bool, error) {
		x, err := projections.GetLead(t.Context(), tx, c.org, l.lead)
		return x.ErasedAt != nil, err
	})
	c.seen(404, "GET", l.click(0), browser)
	c.seen(200, "GET", l.leave(), browser)
	c.seen(200, "POST", l.leave(), browser, "List-Unsubscribe", "One-Click")
	for _, page := range []answer{c.seen(200, "GET", l.book(), browser), c.seen(200, "POST", l.book(), browser, "slot", "2030-01-01T10:00:00Z", "name", "x")} {
		if !bytes.Contains(page.body, []byte("Nothing is kept of you here")) {
			t.Errorf("got %s", page.body)
		}
	}
	c.seen(200, "GET", l.pixel(), browser)
	c.operator().ok("DELETE", "/v1/organizations/"+c.org.String(), nil)
	c.see("that the deletion was asked for", func(tx pgx.Tx) (bool, error) {
		o, err := projections.GetOrganization(t.Context(), tx, c.org)
		return o.DeletionAsked != nil, err
	})
	c.seen(200, "GET", l.leave(), browser) // until it is deleted for good
	c.seen(200, "POST", l.leave(), browser, "List-Unsubscribe", "One-Click")
	c.clock.forward(31 * 24 * time.Hour)
	c.see("the deletion", func(tx pgx.Tx) (bool, error) {
		o, err := projections.GetOrganization(t.Context(), tx, c.org)
		return o.DeletedAt != nil, err
	})
	c.seen(200, "GET", l.pixel(), browser)
	c.seen(404, "GET", l.leave(), browser)
}
