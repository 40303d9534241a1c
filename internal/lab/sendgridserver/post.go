package sendgridserver

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"outrider/internal/dial"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/retry"
)

// The headers of a signed post.
const (
	headerSignature = "X-Twilio-Email-Event-Webhook-Signature"
	headerTimestamp = "X-Twilio-Email-Event-Webhook-Timestamp"
)

// Webhooks post what became of messages, and mail that came in, to addresses of this machine. What isn't taken is posted again, as SendGrid does for a day.
type Webhooks struct {
	Signer   *Signer
	Patience time.Duration // real; how long a post is tried

	web *http.Client
}

// NewWebhooks posts under a key of its own.
func NewWebhooks(patience time.Duration) (*Webhooks, error) {
	signer, err := NewSigner()
	if err != nil {
		return nil, err
	}
	return &Webhooks{signer, patience, &http.Client{Timeout: 20 * time.Second, CheckRedirect: dial.NoRedirect,
		Transport: &http.Transport{DialContext: loopback.Dialer().DialContext, MaxIdleConnsPerHost: 4, IdleConnTimeout: 10 * time.Second}}}, nil
}

// PostReports posts entries of the event webhook.
func (h *Webhooks) PostReports(ctx context.Context, url string, entries ...Entry) error {
	return h.post(ctx, url, "application/json", Post(entries...))
}

// PostMail posts a mail as inbound parse does.
func (h *Webhooks) PostMail(ctx context.Context, url string, raw []byte, from string, to ...string) error {
	kind, body := Inbound(raw, from, to...)
	return h.post(ctx, url, kind, body)
}

func (h *Webhooks) post(ctx context.Context, url, kind string, body []byte) error {
	return retry.Do(ctx, retry.Policy{First: 50 * time.Millisecond, Longest: time.Second, For: max(h.Patience, time.Nanosecond)}, func() error {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil || r.URL.Host == "" {
			return retry.Stop(fmt.Errorf("post to %q: %w", url, err))
		}
		signature, timestamp := h.Signer.Sign(body, time.Now())
		r.Header.Set("Content-Type", kind)
		r.Header.Set(headerSignature, signature)
		r.Header.Set(headerTimestamp, timestamp)
		a, err := h.web.Do(r)
		if err != nil {
			return fmt.Errorf("post: %w", err)
		}
		said, _ := io.ReadAll(io.LimitReader(a.Body, 1000))
		_ = a.Body.Close()
		if a.StatusCode/100 == 2 {
			return nil
		}
		err = fmt.Errorf("a post is answered %s: %s", a.Status, said)
		if a.StatusCode < http.StatusInternalServerError && a.StatusCode != http.StatusTooManyRequests && a.StatusCode != http.StatusRequestTimeout {
			return retry.Stop(err)
		}
		return err
	})
}
