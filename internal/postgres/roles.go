package postgres

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"outrider/internal/keyfile"
)

// The roles that a running Outrider connects as. None owns a table, none is a superuser.
const (
	RoleProjector = "outrider_projector" // writes read models and checkpoints
	RoleAPI       = "outrider_api"       // reads one organisation's rows under row-level security
	RoleIdentity  = "outrider_identity"  // slugs and API keys
	RoleVault     = "outrider_vault"     // keys and secrets
)

// Secrets are the passwords of the roles. They belong to the server, not to the database: every Outrider database on one
// server shares them.
type Secrets struct {
	Projector string `json:"projector"`
	API       string `json:"api"`
	Identity  string `json:"identity"`
	Vault     string `json:"vault"`
}

// NewSecrets makes random passwords of 130 bits.
func NewSecrets() Secrets {
	return Secrets{Projector: rand.Text(), API: rand.Text(), Identity: rand.Text(), Vault: rand.Text()}
}

// ReadSecrets reads the passwords at path. keyfile.ErrMissing when there are none: a new one would let nobody in.
func ReadSecrets(path string) (s Secrets, _ error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, fmt.Errorf("load role passwords: %w: %s; run `outrider migrate`", keyfile.ErrMissing, path)
	}
	if err != nil {
		return s, fmt.Errorf("load role passwords: %w", err)
	}
	return parseSecrets(string(text), path)
}

func parseSecrets(text, path string) (s Secrets, _ error) {
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return Secrets{}, fmt.Errorf("load role passwords: %s is not what this program wrote", path) // err could quote one
	}
	return s, nil
}

// Of are the passwords of some roles, the others empty.
func (s Secrets) Of(roles ...string) (some Secrets) {
	for _, r := range roles {
		switch r {
		case RoleProjector:
			some.Projector = s.Projector
		case RoleAPI:
			some.API = s.API
		case RoleIdentity:
			some.Identity = s.Identity
		case RoleVault:
			some.Vault = s.Vault
		}
	}
	return some
}

// LoadSecrets reads the passwords at path. A missing file is created with new ones, readable by its owner only.
func LoadSecrets(path string) (Secrets, error) {
	text, err := keyfile.LoadOrCreate(path, func() (string, error) {
		made, err := json.Marshal(NewSecrets())
		return string(made), err
	})
	if err != nil {
		return Secrets{}, fmt.Errorf("load role passwords: %w", err)
	}
	return parseSecrets(text, path)
}

func (s Secrets) listRoles() [4]struct{ name, password string } {
	return [4]struct{ name, password string }{
		{RoleProjector, s.Projector}, {RoleAPI, s.API}, {RoleIdentity, s.Identity}, {RoleVault, s.Vault},
	}
}

// ensureRoles creates what is missing and sets the passwords. Roles belong to the whole server, so migrations of other
// databases (whose advisory locks we don't see) may do the same at this moment: those collisions are tried again.
func ensureRoles(ctx context.Context, conn *pgx.Conn, secrets Secrets) error {
	for _, r := range secrets.listRoles() { // before anything changes
		if r.password == "" {
			return fmt.Errorf("create role %s: its password is empty", r.name)
		}
	}
	for _, r := range secrets.listRoles() {
		verifier, err := scramVerifier(r.password)
		if err != nil {
			return fmt.Errorf("hash password of %s: %w", r.name, err)
		}
		for attempt := 1; ; attempt++ {
			err = ensureRole(ctx, conn, r.name, verifier)
			if err == nil {
				break
			}
			if attempt == 50 || !isCollision(err) {
				return fmt.Errorf("create role %s: %w", r.name, err)
			}
		}
	}
	return nil
}

func ensureRole(ctx context.Context, conn *pgx.Conn, name, verifier string) error {
	var super, bypass bool
	err := conn.QueryRow(ctx, `select rolsuper, rolbypassrls from pg_roles where rolname = $1`, name).Scan(&super, &bypass)
	verb := "alter"
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		verb = "create"
	case err != nil:
		return fmt.Errorf("read role: %w", err)
	case super || bypass:
		return errors.New("it exists as superuser or with BYPASSRLS, which would ignore the separation of organisations")
	}
	// name is a constant of this package and verifier is base64, so neither needs quoting.
	if _, err = conn.Exec(ctx, verb+` role `+name+` login password '`+verifier+`'`); err != nil {
		return err
	}
	return resetRole(ctx, conn, name)
}

// isCollision tells that another session changed the same role: duplicate_object, unique_violation, or the
// "tuple concurrently updated" that Postgres reports as an internal error.
func isCollision(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && slices.Contains([]string{"42710", "23505", "XX000"}, pg.Code)
}

// scramVerifier hashes a password as Postgres stores it (RFC 5802, RFC 7677), so that the password itself never appears
// in a statement or in the server's log. Passwords are ASCII here, so SASLprep has nothing to do.
func scramVerifier(password string) (string, error) {
	const iterations = 4096
	salt := make([]byte, 16)
	rand.Read(salt) // never fails
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return "", err
	}
	sign := func(text string) []byte {
		mac := hmac.New(sha256.New, salted)
		mac.Write([]byte(text))
		return mac.Sum(nil)
	}
	stored := sha256.Sum256(sign("Client Key"))
	b64 := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", iterations, b64(salt), b64(stored[:]), b64(sign("Server Key"))), nil
}
