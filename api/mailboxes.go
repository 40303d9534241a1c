package api

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/projections"
)

func (s *Server) connectMailbox(c *call) error {
	var body struct {
		Address     string          `json:"address"`
		DisplayName string          `json:"display_name"`
		Transport   string          `json:"transport"`
		SMTP        *serverChange   `json:"smtp"`
		IMAP        *serverChange   `json:"imap"`
		Pace        json.RawMessage `json:"pace"`
	}
	if err := c.into(&body); err != nil {
		return err
	}
	switch {
	case body.Transport == events.TransportSendGrid:
		return invalid(gen.FieldError{Field: "transport", Reason: "sendgrid isn't offered yet; connect the mailbox with smtp and imap"})
	case body.SMTP == nil:
		return invalid(gen.FieldError{Field: "smtp", Reason: "is missing: it says how to send"})
	case body.IMAP == nil:
		return invalid(gen.FieldError{Field: "imap", Reason: "is missing: it says how to read the answers"})
	}
	address, err := pii.NormalizeAddress(body.Address)
	if err != nil {
		return invalidAddress("address", err)
	}
	pace, err := paceFrom(commands.DefaultPace(), body.Pace)
	if err != nil {
		return err
	}
	in, err := s.intend(c, c.who.Org, c.who.Org)
	if err != nil {
		return err
	}
	cmd := commands.ConnectMailbox{MailboxID: in.born("mailbox"), Transport: events.TransportSMTP, Pace: &pace}
	link, err := s.link(in, cmd.MailboxID)
	if err != nil {
		return err
	}
	if err := link.address(&cmd, address); err != nil {
		return err
	}
	if cmd.DisplayName, err = link.name(body.DisplayName); err != nil {
		return err
	}
	if cmd.SMTP, err = link.server("smtp", events.Server{}, body.SMTP.orUser(address)); err != nil {
		return err
	}
	if cmd.IMAP, err = link.server("imap", events.Server{}, body.IMAP.orUser(address)); err != nil {
		return err
	}
	a, err := link.submit("", cmd)
	if err != nil {
		return err
	}
	if a.Outcome == es.Noop { // it was there before, and may have changed since
		return s.changed(c, "mailboxes", a, func() error { return s.showMailbox(c, cmd.MailboxID) })
	}
	return c.created(gen.Mailbox{ID: cmd.MailboxID, Address: address, DisplayName: body.DisplayName, Transport: gen.MailboxTransport(cmd.Transport), Status: gen.MailboxStatusPending,
		Checks: map[string]gen.MailboxCheck{}, Pace: paceOf(pace), SMTP: serverOf(cmd.SMTP), Imap: serverOf(cmd.IMAP), Health: fullHealth, CreatedAt: a.Time, UpdatedAt: a.Time,
		Version: 3}, "/v1/mailboxes/"+cmd.MailboxID.String(), 0) // added, connected, paced
}

// fullHealth is that of a mailbox of which nothing bad is known.
const fullHealth = 100

func (s *Server) updateMailbox(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var body struct {
		DisplayName *string         `json:"display_name"`
		SMTP        *serverChange   `json:"smtp"`
		IMAP        *serverChange   `json:"imap"`
		Pace        json.RawMessage `json:"pace"`
	}
	if err := c.into(&body); err != nil {
		return err
	}
	row, err := s.loadMailbox(c, id)
	if err != nil {
		return err
	}
	pace, err := paceIn(row)
	if err != nil {
		return err
	}
	if pace, err = paceFrom(pace, body.Pace); err != nil {
		return err
	}
	in, err := s.intend(c, c.who.Org, c.who.Org)
	if err != nil {
		return err
	}
	var last es.Answer
	var replaced []string // secrets
	if body.DisplayName != nil || body.SMTP != nil || body.IMAP != nil {
		if last, replaced, err = s.reconnect(in, row, body.DisplayName, body.SMTP, body.IMAP); err != nil {
			return err
		}
	}
	if body.Pace != nil {
		if last, err = s.submitPart(in, "pace", commands.SetMailboxPace{MailboxID: id, MailboxPace: pace}); err != nil {
			return err
		}
	}
	return s.changed(c, "mailboxes", last, func() error {
		s.forget(c, replaced) // whoever reads the mailbox from here on finds the new ones
		return s.showMailbox(c, id)
	})
}

func (s *Server) removeMailbox(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var secrets []string
	if err := s.read(c, c.who.Org, func(tx pgx.Tx) error {
		row, err := projections.GetMailbox(c.ctx, tx, c.who.Org, id)
		if err != nil {
			return err
		}
		is, err := connectionOf(row)
		secrets = []string{is.SMTP.Secret, is.IMAP.Secret}
		return err
	}); err != nil {
		return err
	}
	in, err := s.intend(c, c.who.Org, c.who.Org)
	if err != nil {
		return err
	}
	if _, err := s.submit(in, commands.RemoveMailbox{MailboxID: id}); err != nil {
		return err
	}
	s.forget(c, secrets)
	return c.done()
}

func (s *Server) pauseMailbox(c *call) error {
	return s.actOnMailbox(c, func(id uuid.UUID) commands.Command { return commands.PauseMailbox{MailboxID: id} })
}

func (s *Server) resumeMailbox(c *call) error {
	return s.actOnMailbox(c, func(id uuid.UUID) commands.Command { return commands.ResumeMailbox{MailboxID: id} })
}

func (s *Server) verifyMailbox(c *call) error {
	return s.actOnMailbox(c, func(id uuid.UUID) commands.Command { return commands.RequestMailboxChecks{MailboxID: id} })
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
	return s.showMailbox(c, id)
}

func (s *Server) showMailbox(c *call, id uuid.UUID) error {
	row, err := s.loadMailbox(c, id)
	if err != nil {
		return err
	}
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
