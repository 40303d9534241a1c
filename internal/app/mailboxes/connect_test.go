package mailboxes

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/projections"
)

// memoryVault keeps secrets by name.
type memoryVault struct {
	Vault
	secrets map[string]string
}

func (v *memoryVault) Hasher(context.Context, uuid.UUID) (*pii.Hasher, error) {
	return &pii.Hasher{}, nil
}

func (v *memoryVault) PutSecret(_ context.Context, _ uuid.UUID, name string, secret []byte) error {
	v.secrets[name] = string(secret)
	return nil
}

func (v *memoryVault) DeleteSecret(_ context.Context, _ uuid.UUID, name string) error {
	delete(v.secrets, name)
	return nil
}

func (v *memoryVault) values() []string { return slices.Sorted(maps.Values(v.secrets)) }

func keyOf(_ context.Context, org, subject uuid.UUID) (pii.Key, error) {
	return pii.Key{Ref: pii.Ref{Org: org, Subject: subject, ID: 7}}, nil
}

func open(t *testing.T, mailbox uuid.UUID, field string, s events.Sealed) string {
	t.Helper()
	key, _ := keyOf(t.Context(), es.SystemOrg, mailbox)
	text, err := key.Open(field, pii.Sealed(s))
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

func requestIDs(request string) IDs {
	return func(what string) uuid.UUID { return es.DeriveID(es.SystemOrg, request, what) }
}

func TestAConnectionIsSealedAndItsPasswordsAreInTheVault(t *testing.T) {
	t.Parallel()
	vault, id := &memoryVault{secrets: map[string]string{}}, uuid.New()
	c := Connector{Vault: vault, KeyOf: keyOf, Logger: slog.New(slog.DiscardHandler)}
	host, first, second, user := "mail.ours.test", "first", "second", "reader"
	r := Request{Address: " Sales@Ours.TEST ", SMTP: &ServerChange{Host: &host, Password: &first}, IMAP: &ServerChange{Host: &host, Username: &user, Password: &second}}
	if err := r.Normalize(); err != nil {
		t.Fatal(err)
	}
	made, err := c.Connect(t.Context(), es.SystemOrg, id, r, requestIDs("a"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := made.Command
	if got := open(t, id, projections.MailboxAddressField, cmd.Address); got != "sales@ours.test" {
		t.Errorf("its address is %q", got)
	}
	for want, s := range map[string]events.MailServer{"sales@ours.test": cmd.SMTP, user: cmd.IMAP} { // the address signs in where nobody is named
		if got := open(t, id, projections.MailboxUsernameField, s.Username); got != want || s.Host != host {
			t.Errorf("%q signs in at %q, want %q", got, s.Host, want)
		}
	}
	if vault.secrets[cmd.SMTP.Secret] != first || vault.secrets[cmd.IMAP.Secret] != second || !slices.Equal(made.Secrets, []string{cmd.SMTP.Secret, cmd.IMAP.Secret}) {
		t.Errorf("the vault has %v, the command names %q and %q, stored were %v", vault.secrets, cmd.SMTP.Secret, cmd.IMAP.Secret, made.Secrets)
	}
	again, err := c.Connect(t.Context(), es.SystemOrg, id, r, requestIDs("a"))
	if err != nil || !slices.Equal(again.Secrets, made.Secrets) {
		t.Errorf("the repeat stored %v, %v", again.Secrets, err)
	}
	changePassword(t, c, vault, connectedRow(t, cmd))
}

// connectedRow is the mailbox that a command connects, as it is read.
func connectedRow(t *testing.T, cmd commands.ConnectMailbox) *projections.Mailbox {
	t.Helper()
	data, err := es.Marshal(events.MailboxConnected{MailboxRef: events.MailboxRef{MailboxID: cmd.MailboxID}, SMTP: cmd.SMTP, IMAP: cmd.IMAP})
	if err != nil {
		t.Fatal(err)
	}
	return &projections.Mailbox{OrgID: es.SystemOrg, MailboxID: cmd.MailboxID, Transport: cmd.Transport, Connection: data}
}

func changePassword(t *testing.T, c Connector, vault *memoryVault, row *projections.Mailbox) {
	t.Helper()
	is, err := connectionOf(row)
	if err != nil {
		t.Fatal(err)
	}
	third := "third"
	name := ""
	changed, err := c.Change(t.Context(), row, Change{DisplayName: &name, SMTP: &ServerChange{Password: &third}}, requestIDs("b"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := changed.Command
	if cmd.IMAP != nil || cmd.Pace != nil || cmd.SMTP.Host != nil || *cmd.SMTP.Secret == is.SMTP.Secret || !cmd.DisplayName.IsZero() {
		t.Errorf("changed by %+v", cmd)
	}
	if !slices.Equal(changed.Replaced, []string{is.SMTP.Secret, is.IMAP.Secret}) {
		t.Errorf("replaced may be %v", changed.Replaced)
	}
	if got := vault.values(); !slices.Equal(got, []string{"first", "second", "third"}) {
		t.Errorf("before the change is seen the vault has %v", got)
	}
	if err := c.DeleteReplaced(t.Context(), connectedRow(t, commands.ConnectMailbox{MailboxID: cmd.MailboxID, SMTP: cmd.SMTP.Change(is.SMTP), IMAP: is.IMAP}), slices.Concat(changed.Secrets, changed.Replaced)); err != nil {
		t.Fatal(err)
	}
	if got := vault.values(); !slices.Equal(got, []string{"second", "third"}) {
		t.Errorf("after it the vault has %v", got)
	}
}

func TestANameTurnsNoDirection(t *testing.T) {
	t.Parallel()
	c, host, secret := Connector{Vault: &memoryVault{secrets: map[string]string{}}, KeyOf: keyOf, Logger: slog.New(slog.DiscardHandler)}, "mail.ours.test", "first"
	r := Request{Address: "sales@ours.test", DisplayName: "Jane\u202eevil", SMTP: &ServerChange{Host: &host, Password: &secret}, IMAP: &ServerChange{Host: &host, Password: &secret}}
	if err := r.Normalize(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Connect(t.Context(), es.SystemOrg, uuid.New(), r, requestIDs("a")); !errors.Is(err, ErrName) {
		t.Errorf("got %v", err)
	}
}

func TestWhatCantBeConnected(t *testing.T) {
	t.Parallel()
	server, apiKey := &ServerChange{}, "SG.key"
	for name, x := range map[string]struct {
		request Request
		want    error
	}{
		"a provider without an account": {Request{Address: "a@ours.test", Transport: events.TransportSendGrid, IMAP: server}, ErrNoSendGrid},
		"a provider and a server":       {Request{Address: "a@ours.test", Transport: events.TransportSendGrid, SendGrid: &SendGridChange{APIKey: &apiKey}, SMTP: server}, ErrOtherTransport},
		"a server and a provider":       {Request{Address: "a@ours.test", SMTP: server, IMAP: server, SendGrid: &SendGridChange{APIKey: &apiKey}}, ErrOtherTransport},
		"no way to send":                {Request{Address: "a@ours.test", IMAP: server}, ErrNoSMTP},
		"no way to read":                {Request{Address: "a@ours.test", SMTP: server}, ErrNoIMAP},
		"no address":                    {Request{Address: "a", SMTP: server, IMAP: server}, ErrAddress},
	} {
		if err := x.request.Normalize(); !errors.Is(err, x.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestAnAccountOfSendGridIsAServerWithAKey(t *testing.T) {
	t.Parallel()
	vault, id, key, eu := &memoryVault{secrets: map[string]string{}}, uuid.New(), "SG.first", "eu"
	c := Connector{Vault: vault, KeyOf: keyOf, Logger: slog.New(slog.DiscardHandler)}
	r := Request{Address: "sales@ours.test", Transport: events.TransportSendGrid, SendGrid: &SendGridChange{APIKey: &key, Region: &eu}}
	if err := r.Normalize(); err != nil {
		t.Fatal(err)
	}
	made, err := c.Connect(t.Context(), es.SystemOrg, id, r, requestIDs("a"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := made.Command
	if cmd.SMTP.Host != "api.eu.sendgrid.com" || cmd.APIKey != cmd.SMTP.Secret || vault.secrets[cmd.APIKey] != key || cmd.IMAP.Host != "" {
		t.Errorf("connected by %+v", cmd)
	}
	login, err := AccountOf(t.Context(), secretsIn{vault}, es.SystemOrg, MailServer{Host: cmd.SMTP.Host, Port: cmd.SMTP.Port, Security: cmd.SMTP.Security, Secret: cmd.SMTP.Secret})
	if err != nil || login.Provider != "sendgrid" || login.Password != key {
		t.Errorf("signs in by %+v, %v", login, err)
	}
	row, other := connectedRow(t, cmd), "SG.second"
	changed, err := c.Change(t.Context(), row, Change{SendGrid: &SendGridChange{APIKey: &other}}, requestIDs("b"))
	if err != nil || changed.Command.SMTP.Host != nil || vault.secrets[*changed.Command.SMTP.Secret] != other {
		t.Errorf("changed by %+v, %v", changed.Command, err)
	}
	host := "smtp.ours.test"
	if _, err := c.Change(t.Context(), row, Change{SMTP: &ServerChange{Host: &host}}, requestIDs("c")); !errors.Is(err, ErrOtherTransport) {
		t.Errorf("it became a mail server: %v", err)
	}
}

type secretsIn struct{ *memoryVault }

func (s secretsIn) Secret(_ context.Context, _ uuid.UUID, name string) ([]byte, error) {
	return []byte(s.secrets[name]), nil
}
