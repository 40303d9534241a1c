package api

import (
	"slices"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/mail/sendgrid"
	"outrider/internal/pii"
	"outrider/projections"
)

func (s *Server) connectMailbox(c *call) error {
	var body struct {
		Address     string                    `json:"address"`
		DisplayName string                    `json:"display_name"`
		Transport   string                    `json:"transport"`
		SMTP        *serverChange             `json:"smtp"`
		IMAP        *serverChange             `json:"imap"`
		SendGrid    *mailboxes.SendGridChange `json:"sendgrid"`
		Pace        *paceChange               `json:"pace"`
	}
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	request := mailboxes.Request{Address: body.Address, DisplayName: body.DisplayName, Transport: body.Transport, SMTP: (*mailboxes.ServerChange)(body.SMTP), IMAP: (*mailboxes.ServerChange)(body.IMAP), SendGrid: body.SendGrid}
	err := request.Normalize()
	if err != nil {
		return err
	}
	if request.Pace = body.Pace.change().Change(commands.DefaultPace()); checkZone(request.Pace.Zone) != nil {
		return invalidField("pace.time_zone", "is not a zone of the IANA database")
	}
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	connection, err := s.mailboxes.Connect(in.ctx, in.org, in.newID("mailbox"), request, connectionIDs(in))
	if err != nil {
		return err
	}
	a, err := s.submitConnection(in, connection.Command, connection.Secrets)
	if err != nil {
		return err
	}
	cmd := connection.Command
	if a.Outcome == es.Noop { // it was there before, and may have changed since
		return s.showAfterChange(c, "mailboxes", a, func() error { return s.showMailbox(c, cmd.MailboxID) })
	}
	out := gen.Mailbox{ID: cmd.MailboxID, Address: request.Address, Domain: pii.Domain(request.Address), DisplayName: request.DisplayName, Transport: gen.MailboxTransport(cmd.Transport), Status: gen.MailboxStatusPending,
		Checks: map[string]gen.MailboxCheck{}, Pace: paceOf(request.Pace), SMTP: serverOf(cmd.SMTP), Imap: serverOf(cmd.IMAP), Health: fullHealth, CreatedAt: a.Time, UpdatedAt: a.Time,
		SignsInBy: gen.MailboxSignsInByPassword, Version: 3} // added, connected, paced
	if cmd.Transport == events.TransportSendGrid {
		out.SMTP, out.SignsInBy, out.Sendgrid.Region = gen.MailServer{}, "", gen.SendGridRegion(sendgrid.RegionOf(cmd.SMTP.Host))
		addHookURLs(&out, &projections.Mailbox{OrgID: in.org, MailboxID: cmd.MailboxID}, linktoken.Links{Signer: s.cfg.Signer, Base: s.cfg.BaseURL})
	}
	return c.answerCreated(out, "/v1/mailboxes/"+cmd.MailboxID.String(), 0)
}

// paceChange calls the zone what all of the API does; the command has another name for it.
type paceChange struct {
	commands.PaceChange
	TimeZone *string `json:"time_zone"`
}

func (p *paceChange) change() *commands.PaceChange {
	if p == nil {
		return nil
	}
	p.Zone = p.TimeZone
	return &p.PaceChange
}

func (s *Server) updateMailbox(c *call, id uuid.UUID) error {
	var body struct {
		DisplayName *string                   `json:"display_name"`
		SMTP        *serverChange             `json:"smtp"`
		IMAP        *serverChange             `json:"imap"`
		SendGrid    *mailboxes.SendGridChange `json:"sendgrid"`
		Pace        *paceChange               `json:"pace"`
	}
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	change := mailboxes.Change{DisplayName: body.DisplayName, SMTP: (*mailboxes.ServerChange)(body.SMTP), IMAP: (*mailboxes.ServerChange)(body.IMAP), SendGrid: body.SendGrid, Pace: body.Pace.change()}
	if change.Pace != nil && checkZone(valueOrZero(change.Pace.Zone)) != nil {
		return invalidField("pace.time_zone", "is not a zone of the IANA database")
	}
	row, err := s.loadMailbox(c, id)
	if err != nil {
		return err
	}
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	changed, err := s.mailboxes.Change(in.ctx, row, change, connectionIDs(in))
	if err != nil {
		return err
	}
	a, err := s.submitConnection(in, changed.Command, changed.Secrets)
	if err != nil {
		return err
	}
	secrets := slices.Concat(changed.Secrets, changed.Replaced) // that may be of no use after it
	return s.showAfterChange(c, "mailboxes", a, func() error {
		row, err := s.loadMailbox(c, id)
		if err != nil {
			return err
		}
		if err := s.mailboxes.DeleteReplaced(c.ctx, row, secrets); err != nil {
			return err
		}
		return showMailboxRow(s, c, row)
	})
}

func (s *Server) removeMailbox(c *call, id uuid.UUID) error {
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	if _, err := s.submitCommand(in, commands.RemoveMailbox{MailboxRef: events.MailboxRef{MailboxID: id}}); err != nil {
		return err
	}
	s.mailboxes.DeleteRemoved(c.ctx, in.org, id)
	return c.answerNothing()
}
