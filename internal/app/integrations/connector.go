package integrations

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/crmapi"
	"outrider/internal/googlecalendar"
	"outrider/internal/integrations"
	"outrider/internal/mail/mailoauth"
	"outrider/internal/pii"
)

// Identify says whose an access token or a key is. An *integrations.NeedsYou when the service doesn't take it.
type Identify func(ctx context.Context, access string) (Account, error)

// Services asks a CRM as a connection to it; nil for a provider that is no CRM. A *integrations.NeedsYou when it isn't signed in.
type Services func(ctx context.Context, provider string, org, connection uuid.UUID) (crmapi.Service, error)

// Connector makes connections.
type Connector struct {
	Registry    *integrations.Registry
	Credentials integrations.Credentials
	Vault       *pii.Vault
	Identify    map[string]Identify // by provider

	CRM           Services                                                                // nil = connections to CRMs can't be looked at here
	Calendar      func(org, connection uuid.UUID) (*googlecalendar.Client, error)         // asks as a connection to it; nil = likewise
	Wake          func(ctx context.Context, org, connection uuid.UUID) error              // has a connection looked at now; nil = nothing that is posted is taken
	HubSpotSecret string                                                                  // of the program that is registered there: it signs what it posts; "" = nothing is taken
	Heard         func(ctx context.Context, provider, account string, ids []string) error // notes what has changed; nil = likewise
}

// ErrProvider means that the service isn't offered, or not in this way.
var ErrProvider = errors.New("this service isn't set up here")

// ErrOtherAccount means that somebody has signed in to another account than the connection leads to.
var ErrOtherAccount = errors.New("this is another account than the one that is connected")

// Secret is what a connection is used with: a key, or a sign-in.
type Secret struct {
	Key    string
	Tokens *mailoauth.Stored
}

func (s Secret) access() string {
	if s.Tokens != nil {
		return s.Tokens.Access
	}
	return s.Key
}

// Connect sees that a secret works, keeps it, and returns the command by which the connection is made. When that is refused, Forget must follow.
func (c *Connector) Connect(ctx context.Context, org, connection, person uuid.UUID, provider string, s Secret) (cmd commands.MakeConnection, err error) {
	who, err := c.identify(ctx, provider, s)
	if err != nil {
		return cmd, err
	}
	cmd = commands.MakeConnection{ConnectionRef: events.ConnectionRef{ConnectionID: connection}, Provider: provider, PersonID: person}
	if cmd.Account, cmd.AccountHash, err = SealAccount(ctx, c.Vault, org, connection, provider, who); err != nil {
		return cmd, err
	}
	return cmd, c.keep(ctx, org, connection, s)
}

// Reconnect keeps another secret of a connection, if it is of the same account; hash is that account's.
func (c *Connector) Reconnect(ctx context.Context, org, connection uuid.UUID, provider, hash string, s Secret) (cmd commands.RestoreConnection, err error) {
	who, err := c.identify(ctx, provider, s)
	if err != nil {
		return cmd, err
	}
	hasher, err := c.Vault.Hasher(ctx, org)
	if err != nil {
		return cmd, err
	}
	if hasher.AddressHash(provider+" "+who.ID).String() != hash {
		return cmd, ErrOtherAccount
	}
	return commands.RestoreConnection{ConnectionRef: events.ConnectionRef{ConnectionID: connection}}, c.keep(ctx, org, connection, s)
}

// Forget destroys the secrets of a connection.
func (c *Connector) Forget(ctx context.Context, org, connection uuid.UUID) error {
	return c.Credentials.Forget(ctx, org, connection)
}

func (c *Connector) identify(ctx context.Context, provider string, s Secret) (Account, error) {
	p, ok := c.Registry.Named(provider)
	ask := c.Identify[provider]
	if !ok || ask == nil || s.Tokens == nil && !p.Keys {
		return Account{}, ErrProvider
	}
	who, err := ask(ctx, s.access())
	if err != nil {
		return who, fmt.Errorf("ask %s whose this is: %w", provider, err)
	}
	return who, nil
}

func (c *Connector) keep(ctx context.Context, org, connection uuid.UUID, s Secret) error {
	if s.Tokens != nil {
		return c.Credentials.KeepTokens(ctx, org, connection, *s.Tokens)
	}
	return c.Credentials.KeepKey(ctx, org, connection, s.Key)
}
