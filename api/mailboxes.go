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

func pauseMailbox(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.PauseMailbox{MailboxID: id}, nil
}

func resumeMailbox(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.ResumeMailbox{MailboxRef: events.MailboxRef{MailboxID: id}}, nil
}

func verifyMailbox(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.RequestMailboxChecks{MailboxRef: events.MailboxRef{MailboxID: id}}, nil
}

// mailboxCommand submits a command about a mailbox, and shows the mailbox.
func mailboxCommand(cmd commandOf) handler {
	return submitAndShow("mailboxes", (*Server).showMailbox, cmd)
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
	return c.answerJSON(200, mailbox)
}

// loadMailbox finds those that were not removed.
func (s *Server) loadMailbox(c *call, id uuid.UUID) (row *projections.Mailbox, err error) {
	err = s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetMailbox(c.ctx, tx, c.who.Org, id)
		return err
	})
	if err == nil && row.RemovedAt != nil {
		err = notFoundProblem()
	}
	return row, err
}

func (s *Server) listMailboxes(c *call) error {
	data, next, err := listPage(s, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Mailbox, error) {
		return projections.ListMailboxes(c.ctx, tx, c.who.Org, after, limit)
	}, func(m *projections.Mailbox) int64 { return m.Oseq }, mailboxOf)
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.MailboxPage{Data: data, NextCursor: next})
}

func mailboxOf(m *projections.Mailbox) (gen.Mailbox, error) {
	out := gen.Mailbox{ID: m.MailboxID, Address: valueOrZero(m.Address), DisplayName: valueOrZero(m.DisplayName), Transport: gen.MailboxTransport(m.Transport), Status: gen.MailboxStatus(m.Status),
		PauseReason: m.PauseReason, Health: fullHealth, HealthReason: m.HealthReason, InboxReadAt: valueOrZero(m.InboxReadAt), WaitingRule: m.WaitingRule, WaitingUntil: valueOrZero(m.WaitingUntil), Sent: m.Sent,
		LastSentAt: valueOrZero(m.LastSentAt), VerifiedAt: valueOrZero(m.VerifiedAt), CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Version: m.Version}
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
