package api

import (
	"encoding/json"
	"errors"
	"fmt"
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

// connectionIDs tells apart requests under the same Idempotency-Key.
func connectionIDs(in *writeRequest) mailboxes.IDs {
	return func(what string) uuid.UUID { return in.newID(what + " " + strconv.FormatUint(in.fingerprint, 16)) }
}

// submitConnection sends a command that names secrets, and deletes those of a refused one.
func (s *Server) submitConnection(in *writeRequest, cmd commands.Command, secrets []string) (es.Answer, error) {
	a, err := s.submitCommand(in, cmd)
	if refusalCode(err) != "" {
		s.mailboxes.DeleteSecrets(in.ctx, in.org, secrets)
	}
	return a, err
}

func serverOf(s events.MailServer) gen.MailServer {
	return gen.MailServer{Host: s.Host, Port: s.Port, Security: s.Security}
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

// connectProblem says which field of a request can't be connected; nil = none of them.
func connectProblem(err error) *problem {
	var signature *mailboxes.SignatureError
	switch {
	case errors.Is(err, mailboxes.ErrNoSendGrid):
		return invalidField("sendgrid", "is missing: it says how to send")
	case errors.Is(err, mailboxes.ErrOtherTransport):
		return invalidField("transport", mailboxes.ErrOtherTransport.Error())
	case errors.As(err, &signature):
		return invalidField("signature."+signature.Field, signature.Reason)
	case errors.Is(err, mailboxes.ErrName):
		return invalidField("display_name", mailboxes.ErrName.Error())
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
