package demo

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
)

func (s *Setup) connectMailboxes(ctx context.Context) error {
	smtp, err := serverAt(s.Mail.Submissions)
	if err != nil {
		return err
	}
	imap, err := serverAt(s.Mail.IMAPS)
	if err != nil {
		return err
	}
	p := s.Promise.Pace
	pace := map[string]any{"cap_per_day": p.PerDay, "cap_per_hour": p.PerHour, "gap_seconds": int(p.Gap / time.Second), "jitter_from": int(p.JitterFrom / time.Second),
		"jitter_to": int(p.JitterTo / time.Second), "warmup_start": 0, "warmup_per_day": 0, "zone": Zone}
	for _, m := range s.Senders {
		reach := func(at map[string]any) map[string]any {
			return map[string]any{"host": at["host"], "port": at["port"], "security": "tls", "username": m.Address, "password": Password(s.Secret, m.Address)}
		}
		if err := s.Write(ctx, http.MethodPost, "/v1/mailboxes", "mailbox "+m.Address, map[string]any{"address": m.Address, "display_name": m.Name, "transport": "smtp",
			"smtp": reach(smtp), "imap": reach(imap), "pace": pace}, nil); err != nil {
			return err
		}
	}
	return s.awaitVerified(ctx)
}

// awaitVerified waits until all mailboxes may send.
func (s *Setup) awaitVerified(ctx context.Context) error {
	return s.waitUntil(ctx, func() (string, error) {
		all, err := s.listMailboxes(ctx)
		if err != nil {
			return "", err
		}
		waiting := len(s.Senders) - len(all)
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
		return sentenceIf(waiting > 0, "%d mailboxes are not verified", waiting), nil
	})
}

// mailboxState is what the API says of one.
type mailboxState struct {
	ID          uuid.UUID `json:"id"`
	Address     string    `json:"address"`
	Status      string    `json:"status"`
	PauseReason string    `json:"pause_reason"`
	Checks      map[string]struct{ Outcome, Detail string }
}

func (s *Setup) listMailboxes(ctx context.Context) ([]mailboxState, error) {
	return pagesOf[mailboxState](ctx, s.API, "/v1/mailboxes?limit=100", s.Made.position)
}

// pagesOf reads a list to its end.
func pagesOf[T any](ctx context.Context, api *API, path, position string) (all []T, err error) {
	for cursor := ""; ; {
		var page struct {
			Data       []T
			NextCursor *string `json:"next_cursor"`
		}
		if _, err := api.askUntilAnswered(ctx, ask{method: http.MethodGet, path: path + cursor, position: position}, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Data...)
		if page.NextCursor == nil {
			return all, nil
		}
		cursor = "&cursor=" + *page.NextCursor
	}
}
