package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Options size the pools. The zero value is right for one process on a small machine.
type Options struct {
	ProjectorConns int32         // default 8
	APIConns       int32         // default 16
	IdentityConns  int32         // default 4
	VaultConns     int32         // default 8
	ReadTimeout    time.Duration // how long a statement of the api may take, default 15 s
	Only           []string      // roles that are needed; empty = all
}

// Timeouts of roles, as Postgres reads them. Projections, rebuilds and comparisons take as long as they take, but hold no lock for nothing.
const (
	keysTimeout       = "30s"  // a statement about API keys, slugs, or keys of persons
	idleInTransaction = "5min" // a transaction in which nothing is asked
)

// Pools holds one pool for each role.
type Pools struct {
	Projector *pgxpool.Pool
	API       *pgxpool.Pool // search_path read; every transaction is read-only
	Identity  *pgxpool.Pool
	Vault     *pgxpool.Pool
}

// RoleURL returns base with user and password replaced. base is a postgres:// URL.
func RoleURL(base, role, secret string) (string, error) {
	u, err := url.Parse(base)
	if err != nil {
		return "", fmt.Errorf("parse postgres url: %w", err)
	}
	if u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "", fmt.Errorf("parse postgres url: want postgres://host:port/database, got scheme %q", u.Scheme)
	}
	u.User = url.UserPassword(role, secret)
	return u.String(), nil
}

// CheckPlain returns an error when a URL holds a password: processes sign in with those of their roles, and the owner's is for who
// migrates.
func CheckPlain(base string) error {
	u, err := url.Parse(base)
	if err != nil {
		return errors.New("it is no URL") // the error could quote a password
	}
	if _, has := u.User.Password(); has {
		return errors.New("it holds a password, which no process needs: name host and database only, postgres://host:port/database")
	}
	return nil
}

// Answers returns an error unless a Postgres listens where a URL says, whatever it thinks of us.
func Answers(ctx context.Context, base string) error {
	config, err := pgx.ParseConfig(base)
	if err != nil {
		return errors.New("parse postgres url: it is none")
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return conn.Close(context.WithoutCancel(ctx))
}

// OpenPools connects as each role that is needed; it fails when one of them can't. url names host and database, its user is ignored.
func OpenPools(ctx context.Context, url string, secrets Secrets, o Options) (*Pools, error) {
	if o.ReadTimeout == 0 {
		o.ReadTimeout = 15 * time.Second
	}
	p := &Pools{}
	for _, r := range []struct {
		pool   **pgxpool.Pool
		role   string
		secret string
		conns  int32
		params map[string]string
	}{
		{&p.Projector, RoleProjector, secrets.Projector, orDefault(o.ProjectorConns, 8), map[string]string{"search_path": "read, kernel", "statement_timeout": "0"}},
		{&p.API, RoleAPI, secrets.API, orDefault(o.APIConns, 16), map[string]string{
			"search_path": "read", "default_transaction_read_only": "on",
			"statement_timeout": strconv.FormatInt(o.ReadTimeout.Milliseconds(), 10),
		}},
		{&p.Identity, RoleIdentity, secrets.Identity, orDefault(o.IdentityConns, 4), map[string]string{"search_path": "identity", "statement_timeout": keysTimeout}},
		{&p.Vault, RoleVault, secrets.Vault, orDefault(o.VaultConns, 8), map[string]string{"search_path": "vault", "statement_timeout": keysTimeout}},
	} {
		if len(o.Only) > 0 && !slices.Contains(o.Only, r.role) {
			continue
		}
		r.params["idle_in_transaction_session_timeout"] = idleInTransaction
		pool, err := openPool(ctx, url, r.role, r.secret, r.conns, r.params)
		if err != nil {
			p.Close()
			return nil, fmt.Errorf("open pool of %s: %w", r.role, err)
		}
		*r.pool = pool
	}
	return p, nil
}

// Close closes every pool and waits for connections in use.
func (p *Pools) Close() {
	for _, pool := range []*pgxpool.Pool{p.API, p.Projector, p.Identity, p.Vault} {
		if pool != nil {
			pool.Close()
		}
	}
}

func openPool(ctx context.Context, base, role, secret string, conns int32, params map[string]string) (*pgxpool.Pool, error) {
	url, err := RoleURL(base, role, secret)
	if err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("parse config: %w", err)
	}
	config.MaxConns = conns
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error { registerUUID(conn.TypeMap()); return nil }
	params["application_name"] = role
	params["timezone"] = "UTC"
	params["row_security"] = "on"
	if params["default_transaction_read_only"] == "" {
		params["default_transaction_read_only"] = "off"
	}
	for name, value := range params { // they come before what a role has set for itself
		config.ConnConfig.RuntimeParams[name] = value
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("create pool: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("connect: %w", err)
	}
	return pool, nil
}

func orDefault(n, fallback int32) int32 {
	if n > 0 {
		return n
	}
	return fallback
}
