package api

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/identity"
	"outrider/internal/linktoken"
	"outrider/internal/pii"
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
	return showMailboxRow(s, c, row)
}

// showMailboxRow shows where a provider is to post only to who may change that.
func showMailboxRow(s *Server, c *call, row *projections.Mailbox) error {
	mailbox, err := mailboxOf(row)
	if err != nil {
		return err
	}
	if c.who.Has(identity.MailboxesWrite) {
		addHookURLs(&mailbox, row, linktoken.Links{Signer: s.cfg.Signer, Base: s.cfg.BaseURL})
	}
	return c.answerJSON(200, mailbox)
}

// loadMailbox finds those that were not removed.
func (r *readSide) loadMailbox(c *call, id uuid.UUID) (row *projections.Mailbox, err error) {
	err = r.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetMailbox(c.ctx, tx, c.who.Org, id)
		return err
	})
	if err == nil && row.RemovedAt != nil {
		err = notFoundProblem()
	}
	return row, err
}

func mailboxOf(m *projections.Mailbox) (gen.Mailbox, error) {
	out := gen.Mailbox{ID: m.MailboxID, Address: valueOrZero(m.Address), Domain: pii.Domain(valueOrZero(m.Address)), DisplayName: valueOrZero(m.DisplayName), Transport: gen.MailboxTransport(m.Transport), Status: gen.MailboxStatus(m.Status),
		PauseReason: m.PauseReason, Health: fullHealth, HealthReason: m.HealthReason, InboxReadAt: valueOrZero(m.InboxReadAt), WaitingRule: m.WaitingRule, WaitingUntil: valueOrZero(m.WaitingUntil), Sent: m.Sent,
		LastSentAt: valueOrZero(m.LastSentAt), VerifiedAt: valueOrZero(m.VerifiedAt), CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Version: m.Version}
	if m.Health != nil {
		out.Health = *m.Health
	}
	pace, err := paceIn(m)
	if err != nil {
		return out, err
	}
	var unreadable []projections.UnreadableMail
	out.Pace = paceOf(pace)
	for _, x := range []struct {
		from json.RawMessage
		to   any
	}{{m.Checks, &out.Checks}, {m.SMTP, &out.SMTP}, {m.IMAP, &out.Imap}, {m.Unreadable, &unreadable}} {
		if x.from == nil {
			continue
		}
		if err := json.Unmarshal(x.from, x.to); err != nil {
			return out, fmt.Errorf("read mailbox: %w", err)
		}
	}
	signature, keeps, err := mailboxes.LetterOf(m)
	if err != nil {
		return out, err
	}
	out.Signature, out.KeepCopies = gen.Signature{Text: signature.Text, HTML: signature.HTML}, keeps
	if out.Sendgrid, err = sendgridOf(m); err != nil {
		return out, err
	}
	if out.SignsInBy = gen.MailboxSignsInByPassword; mailboxes.SignsInByToken(m) {
		out.SignsInBy = gen.MailboxSignsInByProvider
	}
	if out.Sendgrid.Region != "" {
		out.SMTP, out.SignsInBy = gen.MailServer{}, "" // it is no mail server
	}
	if m.Unread != "" {
		out.ReadingFailure = gen.MailboxReadingFailure{Reason: gen.MailboxReadingFailureReason(m.Unread), Since: valueOrZero(m.UnreadSince)}
	}
	for _, u := range unreadable {
		out.UnreadableMail = append(out.UnreadableMail, gen.UnreadableMail{Folder: u.Folder, UID: u.UID, Reason: u.Reason, PassedOverAt: u.At})
	}
	return out, nil
}

// paceOf names the zone as all of the API does; the event has another name for it.
func paceOf(p events.MailboxPace) gen.Pace {
	return gen.Pace{CapPerDay: p.CapPerDay, CapPerHour: p.CapPerHour, GapSeconds: p.GapSeconds, JitterFrom: p.JitterFrom, JitterTo: p.JitterTo, WarmupStart: p.WarmupStart,
		WarmupPerDay: p.WarmupPerDay, TimeZone: p.Zone}
}
