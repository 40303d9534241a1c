package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/projections"
)

// serverChange is what a request says of a server; nil = nothing.
type serverChange struct {
	Host     *string `json:"host"`
	Port     *int    `json:"port"`
	Security *string `json:"security"`
	Username *string `json:"username"`
	Password *string `json:"password"`
}

func (s *Server) mailboxConnector() mailboxes.Connector {
	return mailboxes.Connector{Vault: s.cfg.Vault, KeyOf: s.keyBatches.keyOf, Logger: s.cfg.Logger}
}

// connectionIDs tells apart requests under the same Idempotency-Key.
func connectionIDs(in *writeRequest) mailboxes.IDs {
	return func(what string) uuid.UUID { return in.newID(what + " " + strconv.FormatUint(in.fingerprint, 16)) }
}

// submitConnection sends the command under an id, and deletes the secrets of a refused one.
func (s *Server) submitConnection(in *writeRequest, id uuid.UUID, connection mailboxes.Connection) (es.Answer, error) {
	a, err := s.sendCommand(in, id, connection.Command)
	if refusalCode(err) != "" {
		s.mailboxConnector().DeleteSecrets(in.ctx, in.org, connection.Secrets)
	}
	return a, err
}

// reconnectMailbox changes how a mailbox is reached, and returns the names of the secrets from before and after.
func (s *Server) reconnectMailbox(in *writeRequest, row *projections.Mailbox, change mailboxes.Change) (a es.Answer, secrets []string, err error) {
	connection, err := s.mailboxConnector().Reconnect(in.ctx, row, change, connectionIDs(in))
	if err != nil {
		return a, nil, err
	}
	a, err = s.submitConnection(in, es.DeriveID(in.id, "connection"), connection)
	return a, slices.Concat(connection.Secrets, connection.Replaced), err
}

func serverOf(s events.Server) gen.MailServer {
	return gen.MailServer{Host: s.Host, Port: s.Port, Security: s.Security}
}

// paceFrom changes what a request says of a pace.
func paceFrom(is events.MailboxPace, change json.RawMessage) (events.MailboxPace, error) {
	if change == nil {
		return is, nil
	}
	if err := json.Unmarshal(change, &is); err != nil {
		return is, invalidProblem(gen.FieldError{Field: "pace", Reason: "can't be read: its numbers must be whole"})
	}
	if checkZone(is.Zone) != nil {
		return is, invalidProblem(gen.FieldError{Field: "pace.zone", Reason: "is not a zone of the IANA database"})
	}
	return is, nil
}

func paceIn(row *projections.Mailbox) (events.MailboxPace, error) {
	pace := commands.DefaultPace()
	if row.Pace == nil {
		return pace, nil
	}
	pace = events.MailboxPace{}
	if err := json.Unmarshal(row.Pace, &pace); err != nil {
		return pace, fmt.Errorf("read pace: %w", err)
	}
	return pace, nil
}

func paceOf(p events.MailboxPace) gen.Pace {
	return gen.Pace{CapPerDay: p.CapPerDay, CapPerHour: p.CapPerHour, GapSeconds: p.GapSeconds, JitterFrom: p.JitterFrom, JitterTo: p.JitterTo, WarmupStart: p.WarmupStart,
		WarmupPerDay: p.WarmupPerDay, Zone: p.Zone}
}

// connectProblem says which field of a request can't be connected; nil = none of them.
func connectProblem(err error) *problem {
	switch {
	case errors.Is(err, mailboxes.ErrNotOffered):
		return invalidField("transport", mailboxes.ErrNotOffered.Error())
	case errors.Is(err, mailboxes.ErrNoSMTP):
		return invalidField("smtp", "is missing: it says how to send")
	case errors.Is(err, mailboxes.ErrNoIMAP):
		return invalidField("imap", "is missing: it says how to read the answers")
	case errors.Is(err, mailboxes.ErrAddress):
		_, reason, _ := strings.Cut(err.Error(), pii.ErrAddress.Error()+": ")
		return invalidField("address", reason)
	}
	return nil
}
