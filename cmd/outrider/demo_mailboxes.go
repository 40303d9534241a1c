package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"outrider/internal/lab/demo"
)

func (s *demoSetup) mailboxes(ctx context.Context) error {
	smtp, err := serverAt(s.mail.Submissions)
	if err != nil {
		return err
	}
	imap, err := serverAt(s.mail.IMAPS)
	if err != nil {
		return err
	}
	p := s.promise.Pace
	pace := map[string]any{"cap_per_day": p.PerDay, "cap_per_hour": p.PerHour, "gap_seconds": int(p.Gap / time.Second), "jitter_from": int(p.JitterFrom / time.Second),
		"jitter_to": int(p.JitterTo / time.Second), "warmup_start": 0, "warmup_per_day": 0, "zone": demoZone}
	for _, m := range s.senders {
		reach := func(at map[string]any) map[string]any {
			return map[string]any{"host": at["host"], "port": at["port"], "security": "tls", "username": m.Address, "password": demo.Password(s.secret, m.Address)}
		}
		if err := s.write(ctx, http.MethodPost, "/v1/mailboxes", "mailbox "+m.Address, map[string]any{"address": m.Address, "display_name": m.Name, "transport": "smtp",
			"smtp": reach(smtp), "imap": reach(imap), "pace": pace}, nil); err != nil {
			return err
		}
	}
	return s.verified(ctx)
}

// verified waits until all mailboxes may send.
func (s *demoSetup) verified(ctx context.Context) error {
	return s.until(ctx, func() (string, error) {
		all, err := s.listMailboxes(ctx)
		if err != nil {
			return "", err
		}
		waiting := len(s.senders) - len(all)
		for _, m := range all {
			for name, c := range m.Checks {
				if c.Outcome == "failed" {
					return "", fmt.Errorf("mailbox %s: %s failed: %s", m.Address, name, c.Detail)
				}
			}
			if m.Status != "active" && m.Status != "warming" {
				waiting++
			}
		}
		return sentence(waiting > 0, "%d mailboxes are not verified", waiting), nil
	})
}

// demoMailbox is what the API says of one.
type demoMailbox struct {
	ID          uuid.UUID `json:"id"`
	Address     string    `json:"address"`
	Status      string    `json:"status"`
	PauseReason string    `json:"pause_reason"`
	Checks      map[string]struct{ Outcome, Detail string }
}

func (s *demoSetup) listMailboxes(ctx context.Context) ([]demoMailbox, error) {
	return pagesOf[demoMailbox](ctx, s.api, "/v1/mailboxes?limit=100", s.done.position)
}

// pagesOf reads a list to its end.
func pagesOf[T any](ctx context.Context, api *demoAPI, path, position string) (all []T, err error) {
	for cursor := ""; ; {
		var page struct {
			Data       []T
			NextCursor *string `json:"next_cursor"`
		}
		if _, err := api.do(ctx, ask{method: http.MethodGet, path: path + cursor, position: position}, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Data...)
		if page.NextCursor == nil {
			return all, nil
		}
		cursor = "&cursor=" + *page.NextCursor
	}
}
