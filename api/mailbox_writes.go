package api

import (
	"encoding/json"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
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
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	switch {
	case body.Transport == events.TransportSendGrid:
		return invalidProblem(gen.FieldError{Field: "transport", Reason: "sendgrid isn't offered yet; connect the mailbox with smtp and imap"})
	case body.SMTP == nil:
		return invalidProblem(gen.FieldError{Field: "smtp", Reason: "is missing: it says how to send"})
	case body.IMAP == nil:
		return invalidProblem(gen.FieldError{Field: "imap", Reason: "is missing: it says how to read the answers"})
	}
	address, err := pii.NormalizeAddress(body.Address)
	if err != nil {
		return invalidAddress("address", err)
	}
	pace, err := paceFrom(commands.DefaultPace(), body.Pace)
	if err != nil {
		return err
	}
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	cmd := commands.ConnectMailbox{MailboxID: in.newID("mailbox"), Transport: events.TransportSMTP, Pace: &pace}
	link, err := s.newMailboxConnector(in, cmd.MailboxID)
	if err != nil {
		return err
	}
	if err := link.setAddress(&cmd, address); err != nil {
		return err
	}
	if cmd.DisplayName, err = link.sealName(body.DisplayName); err != nil {
		return err
	}
	if cmd.SMTP, err = link.changeServer("smtp", events.Server{}, body.SMTP.orUser(address)); err != nil {
		return err
	}
	if cmd.IMAP, err = link.changeServer("imap", events.Server{}, body.IMAP.orUser(address)); err != nil {
		return err
	}
	a, err := link.submitConnection("", cmd)
	if err != nil {
		return err
	}
	if a.Outcome == es.Noop { // it was there before, and may have changed since
		return s.showAfterChange(c, "mailboxes", a, func() error { return s.showMailbox(c, cmd.MailboxID) })
	}
	return c.answerCreated(gen.Mailbox{ID: cmd.MailboxID, Address: address, DisplayName: body.DisplayName, Transport: gen.MailboxTransport(cmd.Transport), Status: gen.MailboxStatusPending,
		Checks: map[string]gen.MailboxCheck{}, Pace: paceOf(pace), SMTP: serverOf(cmd.SMTP), Imap: serverOf(cmd.IMAP), Health: fullHealth, CreatedAt: a.Time, UpdatedAt: a.Time,
		Version: 3}, "/v1/mailboxes/"+cmd.MailboxID.String(), 0) // added, connected, paced
}

func (s *Server) updateMailbox(c *call, id uuid.UUID) error {
	var body struct {
		DisplayName *string         `json:"display_name"`
		SMTP        *serverChange   `json:"smtp"`
		IMAP        *serverChange   `json:"imap"`
		Pace        json.RawMessage `json:"pace"`
	}
	if err := c.decodeBody(&body); err != nil {
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
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	var last es.Answer
	var secrets []string // that may be replaced
	if body.DisplayName != nil || body.SMTP != nil || body.IMAP != nil {
		if last, secrets, err = s.reconnectMailbox(in, row, body.DisplayName, body.SMTP, body.IMAP); err != nil {
			return err
		}
	}
	if body.Pace != nil {
		if last, err = s.submitPart(in, "pace", commands.SetMailboxPace{MailboxRef: events.MailboxRef{MailboxID: id}, MailboxPace: pace}); err != nil {
			return err
		}
	}
	return s.showAfterChange(c, "mailboxes", last, func() error {
		row, err := s.loadMailbox(c, id)
		if err != nil {
			return err
		}
		if err := s.forgetReplaced(c, row, secrets); err != nil {
			return err
		}
		return showMailboxRow(c, row)
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
	if err := s.cfg.Vault.DeleteSecrets(c.ctx, in.org, secretsOf(id)); err != nil { // nothing can be done with them; it is removed
		s.cfg.Logger.WarnContext(c.ctx, "secrets of a removed mailbox were left in the vault", "mailbox", id, "error", err)
	}
	return c.answerNothing()
}
