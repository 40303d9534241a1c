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
	"outrider/internal/app/leads"
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

// orUser names who signs in where the request doesn't.
func (s *serverChange) orUser(name string) *serverChange {
	if s.Username == nil {
		s.Username = &name
	}
	return s
}

// mailboxConnector seals how a mailbox is reached, and stores its passwords before the command that names them.
type mailboxConnector struct {
	s       *Server
	in      *writeRequest
	mailbox uuid.UUID
	key     pii.Key
	secrets []string // stored here
}

func (s *Server) newMailboxConnector(in *writeRequest, mailbox uuid.UUID) (*mailboxConnector, error) {
	key, err := s.keyBatches.keyOf(in.ctx, in.org, mailbox)
	return &mailboxConnector{s: s, in: in, mailbox: mailbox, key: key}, err
}

func (l *mailboxConnector) setAddress(cmd *commands.ConnectMailbox, address string) error {
	h, err := l.s.cfg.Vault.Hasher(l.in.ctx, l.in.org)
	if err != nil {
		return err
	}
	cmd.AddressHash, cmd.DomainHash, _ = leads.Hashes(h, address)
	cmd.Address, err = asSealedEvent(l.key.Seal(projections.MailboxAddressField, []byte(address)))
	return err
}

func (l *mailboxConnector) sealName(name string) (events.Sealed, error) {
	if strings.TrimSpace(name) == "" {
		return events.Sealed{}, nil
	}
	return asSealedEvent(l.key.Seal(projections.MailboxNameField, []byte(name)))
}

// changeServer returns a server after a change. A password gets a name of its own: one that is in use is never written over, and
// the repeat of a request, whose body is the same, finds the same name.
func (l *mailboxConnector) changeServer(which string, is events.Server, change *serverChange) (events.Server, error) {
	if change == nil {
		return is, nil
	}
	setIfGiven(&is.Host, change.Host)
	setIfGiven(&is.Port, change.Port)
	setIfGiven(&is.Security, change.Security)
	if change.Username != nil {
		var err error
		if is.Username, err = asSealedEvent(l.key.Seal(projections.MailboxUsernameField, []byte(*change.Username))); err != nil {
			return is, err
		}
	}
	if change.Password != nil {
		is.Secret = secretsOf(l.mailbox) + which + "/" + l.in.newID(which+" secret "+strconv.FormatUint(l.in.fingerprint, 16)).String()
		if err := l.s.cfg.Vault.PutSecret(l.in.ctx, l.in.org, is.Secret, []byte(*change.Password)); err != nil {
			return is, err
		}
		l.secrets = append(l.secrets, is.Secret)
	}
	return is, nil
}

// secretsOf is how the names of a mailbox's secrets begin.
func secretsOf(mailbox uuid.UUID) string { return "mailbox/" + mailbox.String() + "/" }

// submitConnection sends the command; part "" = the request's only one. Secrets of a refused one are of no use.
func (l *mailboxConnector) submitConnection(part string, cmd commands.ConnectMailbox) (es.Answer, error) {
	id := l.in.id
	if part != "" {
		id = es.DeriveID(id, part)
	}
	a, err := l.s.sendCommand(l.in, id, cmd)
	if refusalCode(err) != "" {
		l.s.deleteSecrets(l.in.call, l.secrets)
	}
	return a, err
}

// reconnectMailbox changes how a mailbox is reached, and gives the names of the secrets of both before and behind.
func (s *Server) reconnectMailbox(in *writeRequest, row *projections.Mailbox, name *string, smtp, imap *serverChange) (a es.Answer, secrets []string, err error) {
	is, err := connectionOf(row)
	if err != nil {
		return a, nil, err
	}
	l, err := s.newMailboxConnector(in, row.MailboxID)
	if err != nil {
		return a, nil, err
	}
	cmd := commands.ConnectMailbox{MailboxID: row.MailboxID, Transport: row.Transport, DisplayName: is.DisplayName, APIKey: is.APIKey}
	if err := l.setAddress(&cmd, valueOrZero(row.Address)); err != nil {
		return a, nil, err
	}
	cmd.AddressHash, cmd.DomainHash = row.AddressHash, row.DomainHash
	if name != nil && *name != valueOrZero(row.DisplayName) {
		if cmd.DisplayName, err = l.sealName(*name); err != nil {
			return a, nil, err
		}
	}
	if cmd.SMTP, err = l.changeServer("smtp", is.SMTP, smtp); err != nil {
		return a, nil, err
	}
	if cmd.IMAP, err = l.changeServer("imap", is.IMAP, imap); err != nil {
		return a, nil, err
	}
	a, err = l.submitConnection("connection", cmd)
	return a, append(l.secrets, is.SMTP.Secret, is.IMAP.Secret), err
}

// forgetReplaced deletes those of some secrets that a mailbox doesn't name: whoever reads it from here on finds others. In the
// repeat of an old request these may be that request's own.
func (s *Server) forgetReplaced(c *call, row *projections.Mailbox, secrets []string) error {
	is, err := connectionOf(row)
	if err != nil {
		return err
	}
	s.deleteSecrets(c, slices.DeleteFunc(secrets, func(name string) bool { return name == is.SMTP.Secret || name == is.IMAP.Secret }))
	return nil
}

// deleteSecrets deletes secrets that nothing names any more. One that stays can't be used for anything, so it is only reported.
func (s *Server) deleteSecrets(c *call, secrets []string) {
	for _, name := range secrets {
		if name == "" {
			continue
		}
		if err := s.cfg.Vault.DeleteSecret(c.ctx, c.who.Org, name); err != nil {
			s.cfg.Logger.WarnContext(c.ctx, "a secret of no use was left in the vault", "secret", name, "error", err)
		}
	}
}

// connectionOf is how a mailbox was connected last; zero before.
func connectionOf(row *projections.Mailbox) (is events.MailboxConnected, err error) {
	if row.Connection == nil {
		return is, nil
	}
	if err := es.Unmarshal(row.Connection, &is); err != nil {
		return is, fmt.Errorf("read connection: %w", err)
	}
	return is, nil
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

func invalidAddress(field string, err error) error {
	if !errors.Is(err, pii.ErrAddress) {
		return err
	}
	return invalidProblem(gen.FieldError{Field: field, Reason: strings.TrimPrefix(err.Error(), pii.ErrAddress.Error()+": ")})
}
