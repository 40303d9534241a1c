package demo

import (
	"context"
	"fmt"
	"net"
	"outrider/internal/app/client"
	"strconv"
	"time"
)

func (s *Setup) connectMailboxes(ctx context.Context) error {
	p := s.Promise.Pace
	pace := client.PaceInput{CapPerDay: &p.PerDay, CapPerHour: &p.PerHour, GapSeconds: new(int(p.Gap / time.Second)), JitterFrom: new(int(p.JitterFrom / time.Second)),
		JitterTo: new(int(p.JitterTo / time.Second)), WarmupStart: new(0), WarmupPerDay: new(0), TimeZone: new(Zone)}
	for _, m := range s.Senders {
		if m.Grid {
			ask := client.MailboxCreate{Address: m.Address, DisplayName: &m.Name, Transport: new(client.MailboxTransportSendgrid), Sendgrid: &client.SendGridInput{APIKey: gridKey}, Pace: &pace}
			if err := s.write(s.API.ConnectMailbox(ctx, nil, ask, s.Once("mailbox "+m.Address))); err != nil {
				return err
			}
			continue
		}
		smtp, err := s.serverAt(s.Mail.Submissions, m)
		if err != nil {
			return err
		}
		imap, err := s.serverAt(s.Mail.IMAPS, m)
		if err != nil {
			return err
		}
		ask := client.MailboxCreate{Address: m.Address, DisplayName: &m.Name, Transport: new(client.MailboxTransportSMTP), SMTP: smtp, Imap: imap, Pace: &pace}
		if err := s.write(s.API.ConnectMailbox(ctx, nil, ask, s.Once("mailbox "+m.Address))); err != nil {
			return err
		}
	}
	return s.awaitVerified(ctx)
}

// serverAt is how a sender reaches the server at host:port.
func (s *Setup) serverAt(address string, m SendingMailbox) (*client.MailServerInput, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("address %s: %w", address, err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("address %s: %w", address, err)
	}
	return &client.MailServerInput{Host: host, Port: n, Security: client.MailSecurityTLS, Username: &m.Address, Password: Password(s.Secret, m.Address)}, nil
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
				if c.Outcome == client.MailboxCheckOutcomeFailed {
					return "", fmt.Errorf("mailbox %s: %s failed: %s", textOf(m.Address), name, textOf(c.Detail))
				}
			}
			if m.Status != client.MailboxStatusActive && m.Status != client.MailboxStatusWarming {
				waiting++
			}
		}
		return sentenceIf(waiting > 0, "%d mailboxes are not verified", waiting), nil
	})
}

func (s *Setup) listMailboxes(ctx context.Context) (all []client.Mailbox, err error) {
	for ask := (client.ListMailboxesParams{Limit: new(100)}); ; {
		page, _, err := client.Read[client.MailboxPage](s.API.ListMailboxes(ctx, &ask, client.Showing(s.Made.position)))
		if err != nil {
			return nil, err
		}
		all = append(all, page.Data...)
		if page.NextCursor == nil {
			return all, nil
		}
		ask.Cursor = page.NextCursor
	}
}
