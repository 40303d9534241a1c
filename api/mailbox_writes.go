package api

import (
	"encoding/json"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
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
	request := mailboxes.Request{Address: body.Address, DisplayName: body.DisplayName, Transport: body.Transport, SMTP: (*mailboxes.ServerChange)(body.SMTP), IMAP: (*mailboxes.ServerChange)(body.IMAP)}
	err := request.Normalize()
	if err != nil {
		return err
	}
	if request.Pace, err = paceFrom(commands.DefaultPace(), body.Pace); err != nil {
		return err
	}
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	connection, err := s.mailboxConnector().Connect(in.ctx, in.org, in.newID("mailbox"), request, connectionIDs(in))
	if err != nil {
		return err
	}
	a, err := s.submitConnection(in, in.id, connection)
	if err != nil {
		return err
	}
	cmd := connection.Command
	if a.Outcome == es.Noop { // it was there before, and may have changed since
		return s.showAfterChange(c, "mailboxes", a, func() error { return s.showMailbox(c, cmd.MailboxID) })
	}
	return c.answerCreated(gen.Mailbox{ID: cmd.MailboxID, Address: request.Address, DisplayName: request.DisplayName, Transport: gen.MailboxTransport(cmd.Transport), Status: gen.MailboxStatusPending,
		Checks: map[string]gen.MailboxCheck{}, Pace: paceOf(request.Pace), SMTP: serverOf(cmd.SMTP), Imap: serverOf(cmd.IMAP), Health: fullHealth, CreatedAt: a.Time, UpdatedAt: a.Time,
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
	change := mailboxes.Change{DisplayName: body.DisplayName, SMTP: (*mailboxes.ServerChange)(body.SMTP), IMAP: (*mailboxes.ServerChange)(body.IMAP)}
	if change != (mailboxes.Change{}) {
		if last, secrets, err = s.reconnectMailbox(in, row, change); err != nil {
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
		if err := s.mailboxConnector().DeleteReplaced(c.ctx, row, secrets); err != nil {
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
	s.mailboxConnector().DeleteRemoved(c.ctx, in.org, id)
	return c.answerNothing()
}
