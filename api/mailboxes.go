package api

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/projections"
)

// fullHealth is that of a mailbox of which nothing bad is known.
const fullHealth = 100

func (s *Server) pauseMailbox(c *call) error {
	return s.actOnMailbox(c, func(id uuid.UUID) commands.Command { return commands.PauseMailbox{MailboxID: id} })
}

func (s *Server) resumeMailbox(c *call) error {
	return s.actOnMailbox(c, func(id uuid.UUID) commands.Command {
		return commands.ResumeMailbox{MailboxRef: events.MailboxRef{MailboxID: id}}
	})
}

func (s *Server) verifyMailbox(c *call) error {
	return s.actOnMailbox(c, func(id uuid.UUID) commands.Command {
		return commands.RequestMailboxChecks{MailboxRef: events.MailboxRef{MailboxID: id}}
	})
}

func (s *Server) actOnMailbox(c *call, cmd func(uuid.UUID) commands.Command) error {
	return s.act(c, "mailboxes", cmd, s.showMailbox)
}

// act submits a command about the {id} of the path and shows what it is about.
func (s *Server) act(c *call, projection string, cmd func(uuid.UUID) commands.Command, show func(*call, uuid.UUID) error) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	in, err := s.intend(c, c.who.Org, c.who.Org)
	if err != nil {
		return err
	}
	a, err := s.submit(in, cmd(id))
	if err != nil {
		return err
	}
	return s.changed(c, projection, a, func() error { return show(c, id) })
}

func (s *Server) getMailbox(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	return s.inTime(c, id, s.showMailbox, s.mailboxAt)
}

func (s *Server) showMailbox(c *call, id uuid.UUID) error {
	row, err := s.loadMailbox(c, id)
	if err != nil {
		return err
	}
	return showMailboxRow(c, row)
}

func showMailboxRow(c *call, row *projections.Mailbox) error {
	mailbox, err := mailboxOf(row)
	if err != nil {
		return err
	}
	return c.answer(200, mailbox)
}

// loadMailbox finds those that were not removed.
func (s *Server) loadMailbox(c *call, id uuid.UUID) (row *projections.Mailbox, err error) {
	err = s.read(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetMailbox(c.ctx, tx, c.who.Org, id)
		return err
	})
	if err == nil && row.RemovedAt != nil {
		err = notFound()
	}
	return row, err
}

func (s *Server) listMailboxes(c *call) error {
	data, next, err := page(s, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Mailbox, error) {
		return projections.ListMailboxes(c.ctx, tx, c.who.Org, after, limit)
	}, func(m *projections.Mailbox) int64 { return m.Oseq }, mailboxOf)
	if err != nil {
		return err
	}
	return c.answer(200, gen.MailboxPage{Data: data, NextCursor: next})
}

func mailboxOf(m *projections.Mailbox) (gen.Mailbox, error) {
	out := gen.Mailbox{ID: m.MailboxID, Address: or(m.Address), DisplayName: or(m.DisplayName), Transport: gen.MailboxTransport(m.Transport), Status: gen.MailboxStatus(m.Status),
		PauseReason: m.PauseReason, Health: fullHealth, HealthReason: m.HealthReason, InboxReadAt: or(m.InboxReadAt), WaitingRule: m.WaitingRule, WaitingUntil: or(m.WaitingUntil), Sent: m.Sent,
		LastSentAt: or(m.LastSentAt), VerifiedAt: or(m.VerifiedAt), CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Version: m.Version}
	if m.Health != nil {
		out.Health = *m.Health
	}
	pace, err := paceIn(m)
	if err != nil {
		return out, err
	}
	out.Pace = paceOf(pace)
	for _, x := range []struct {
		from json.RawMessage
		to   any
	}{{m.Checks, &out.Checks}, {m.SMTP, &out.SMTP}, {m.IMAP, &out.Imap}} {
		if x.from == nil {
			continue
		}
		if err := json.Unmarshal(x.from, x.to); err != nil {
			return out, fmt.Errorf("read mailbox: %w", err)
		}
	}
	return out, nil
}
