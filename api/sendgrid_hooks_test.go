package api_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api"
	"outrider/events"
	"outrider/internal/es/project"
	"outrider/internal/lab/bookingpages"
	"outrider/internal/lab/sendgridserver"
	"outrider/internal/linktoken"
	"outrider/internal/mail/sendgrid"
	"outrider/projections"
)

// handedOver keeps the mail that was handed over.
type handedOver struct {
	mu   sync.Mutex
	mail []string
}

func (h *handedOver) take(_ context.Context, _, _ uuid.UUID, to []string, raw []byte, _ time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.mail = append(h.mail, strings.Join(to, ",")+" "+string(raw))
	return nil
}

// post posts as SendGrid does; signer nil = not signed.
func (w *world) post(url, kind string, body []byte, signer *sendgridserver.Signer) int {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.urls[len(w.urls)-1]+url[strings.Index(url, "/hooks/"):], bytes.NewReader(body))
	check(w.t, err)
	r.Header.Set("Content-Type", kind)
	if signer != nil {
		signature, timestamp := signer.Sign(body, time.Now())
		r.Header.Set(sendgrid.HeaderSignature, signature)
		r.Header.Set(sendgrid.HeaderTimestamp, timestamp)
	}
	a, err := http.DefaultClient.Do(r)
	check(w.t, err)
	a.Body.Close()
	return a.StatusCode
}

func TestSendGridTellsWhatBecameOfMessages(t *testing.T) {
	t.Parallel()
	c := letters(t)
	mail := &handedOver{}
	c.serve(func(cfg *api.Config) { cfg.ProviderMail = mail.take })
	made := c.ok("POST", "/v1/mailboxes", obj{"address": "grid@ours.test", "transport": "sendgrid", "sendgrid": obj{"api_key": "SG.0123456789", "region": "eu"}})
	grid := made.json["sendgrid"].(map[string]any)
	reports, inbound, path := grid["reports_url"].(string), grid["mail_url"].(string), made.header.Get("Location")
	if grid["region"] != "eu" || made.json["smtp"] != nil || strings.Contains(string(made.body), "SG.0123456789") {
		t.Errorf("made %s", made.body)
	}
	old, err := sendgridserver.NewSigner()
	check(t, err)
	newest, err := sendgridserver.NewSigner()
	check(t, err)

	away := c.claimed("ann@acme.test", events.Draft{}, "Hi")
	m := sendgridserver.Message{ID: "m1", To: "ann@acme.test", CustomArgs: map[string]string{sendgrid.IDArgument: away.message.String()}}
	at := time.Now()
	batch := sendgridserver.Post(m.Report("delivered", "e2", at, nil), sendgridserver.Entry{"event": 7}, m.Report("deferred", "e1", at.Add(-time.Minute), sendgridserver.Entry{"response": "451 4.7.1 later", "attempt": "1"}),
		m.Report("open", "e3", at, sendgridserver.Entry{"sg_machine_open": true}), m.Report("new_type", "e4", at, nil), sendgridserver.Entry{"event": "delivered", "sg_event_id": "f", "timestamp": 1750000000, "message_id": uuid.NewString()}, m.Report("processed", "e0", at, nil))
	if got := c.post(reports, "application/json", batch, old); got != 401 {
		t.Errorf("without a key a post is answered %d", got)
	}
	c.refused(422, "invalid", "PUT", path+"/webhook", obj{"report_keys": []string{"no key"}})
	c.ok("PUT", path+"/webhook", obj{"report_keys": []string{newest.PublicKey(), old.PublicKey()}})
	for _, x := range []struct {
		url    string
		signer *sendgridserver.Signer
		want   int
	}{{reports, nil, 401}, {reports + "x", old, 404}, {reports[:len(reports)-2] + "xx", old, 404}, {reports, old, 204}, {reports, newest, 204}} {
		if got := c.post(x.url, "application/json", batch, x.signer); got != x.want {
			t.Errorf("%s is answered %d, want %d", x.url, got, x.want)
		}
	}
	c.see("that it was delivered", func(tx pgx.Tx) (bool, error) {
		row, err := projections.GetMessage(t.Context(), tx, c.org, away.message)
		return err == nil && row.State == projections.MessageSent && row.DeliveredAt != nil && row.Delays == 1 && row.FirstOpenedAt == nil && row.ProviderID == "m1", err
	})
	shown := c.ok("GET", "/v1/messages/"+away.message.String(), nil)
	if shown.json["delivered_at"] == nil || shown.json["delays"] != 1.0 {
		t.Errorf("shown is %s", shown.body)
	}
	c.checkMail(mail, inbound, path)
}

// checkMail hands over mail.
func (c *campaign) checkMail(mail *handedOver, url, path string) {
	c.t.Helper()
	signer, err := sendgridserver.NewSigner()
	check(c.t, err)
	kind, form := sendgridserver.Inbound([]byte("From: ann@acme.test\r\n\r\nYes"), "ann@acme.test", "grid+x@ours.test")
	for name, x := range map[string]struct {
		kind string
		body []byte
		want int
	}{"a mail": {kind, form, 204}, "no form": {"text/plain", form, 400}, "not raw": {"multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nx\r\n--b--\r\n"), 400},
		"no blank line": {"multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nx\r\n--b--\r\n"), 204}} {
		if got := c.post(url, x.kind, x.body, nil); got != x.want {
			c.t.Errorf("%s is answered %d, want %d", name, got, x.want)
		}
	}
	mail.mu.Lock()
	if all := fmt.Sprint(mail.mail); len(mail.mail) != 2 || !strings.Contains(all, "grid+x@ours.test From: ann@acme.test") {
		c.t.Errorf("handed over was %s", all)
	}
	mail.mu.Unlock()
	c.ok("PUT", path+"/webhook", obj{"mail_keys": []string{signer.PublicKey()}})
	c.see("the key for mail", func(tx pgx.Tx) (bool, error) {
		row, err := projections.GetMailbox(c.t.Context(), tx, c.org, uuid.MustParse(path[strings.LastIndex(path, "/")+1:]))
		return err == nil && strings.Contains(string(row.WebhookKeys), signer.PublicKey()[:40]), err
	})
	if got := c.post(url, kind, form, nil); got != 401 {
		c.t.Errorf("mail that isn't signed is answered %d", got)
	}
	if got := c.post(url, kind, form, signer); got != 204 {
		c.t.Errorf("mail that is signed is answered %d", got)
	}
}

// standsStill is a read model that doesn't come on.
type standsStill struct {
	api.Waiter
	is atomic.Bool
}

func (s *standsStill) Wait(ctx context.Context, key project.ProjectionKey, partition int32, pseq int64) error {
	if s.is.Load() {
		return context.DeadlineExceeded
	}
	return s.Waiter.Wait(ctx, key, partition, pseq)
}

// TestWhatIsPostedTooEarlyIsAskedForAgain: what isn't shown while a read model is behind may come into it. Taken, it would be lost; refused for good, too, as providers of mail
// drop what is refused so.
func TestWhatIsPostedTooEarlyIsAskedForAgain(t *testing.T) {
	t.Parallel()
	c := letters(t)
	still := &standsStill{Waiter: c.positions}
	mail := &handedOver{}
	c.serve(func(cfg *api.Config) { cfg.ProviderMail, cfg.Positions = mail.take, still })
	_, hook := c.connected("calendly", "key-1")
	stranger := bookingpages.Invitee{ID: "A", Email: "stranger@example.com", Start: time.Now().AddDate(0, 0, 3).Truncate(time.Hour)}
	links := linktoken.Links{Signer: c.cfg.Signer, Base: c.url()}
	unknown := linktoken.Token{Org: c.org, Message: uuid.New()}
	for _, x := range []struct {
		still            bool
		mailbox, booking int
		page             int
	}{{true, 503, 503, 503}, {false, 404, 204, 404}} {
		still.is.Store(x.still)
		for _, url := range []string{links.ProviderMail(unknown), links.ProviderReports(unknown)} {
			if got := c.post(url, "application/json", []byte("[]"), nil); got != x.mailbox {
				t.Errorf("behind %t: a post for a mailbox that isn't shown is answered with %d", x.still, got)
			}
		}
		c.postCalendly(x.booking, hook, "key-1", stranger)
		c.postCalendly(x.page, links.Bookings("calendly", unknown), "key-1", stranger)
	}
}
