package identity

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// OIDCSignInTime is how long a sign-in at a provider may take.
const OIDCSignInTime = 10 * time.Minute

// ErrSignInGone: no such sign-in was begun in this browser, or it is too old, or it has come back before.
var ErrSignInGone = errors.New("this sign-in wasn't begun in this browser, has ended before or is too old; begin again")

// OIDCSignIn is a sign-in at a provider that a browser has begun.
type OIDCSignIn struct {
	Provider string `db:"provider"`
	Nonce    string `db:"nonce"`
	Verifier string `db:"verifier"`
	ReturnTo string `db:"return_to"`
}

// OIDCSignIns keep them, for all processes.
type OIDCSignIns struct {
	pool *pgxpool.Pool
	now  func() time.Time
}

// NewOIDCSignIns takes a pool that connects as outrider_identity; now nil means time.Now.
func NewOIDCSignIns(pool *pgxpool.Pool, now func() time.Time) *OIDCSignIns {
	if now == nil {
		now = time.Now
	}
	return &OIDCSignIns{pool, now}
}

// Begin keeps a sign-in. state is what the provider gives back, browser what the browser's cookie holds.
func (s *OIDCSignIns) Begin(ctx context.Context, state, browser string, in OIDCSignIn) error {
	now := s.now()
	if _, err := s.pool.Exec(ctx, `delete from identity.oidc_sign_ins where expires_at <= $1`, now); err != nil {
		return fmt.Errorf("forget old sign-ins: %w", err)
	}
	stateHash, browserHash := sha256.Sum256([]byte(state)), sha256.Sum256([]byte(browser))
	if _, err := s.pool.Exec(ctx, `insert into identity.oidc_sign_ins (state, browser, provider, nonce, verifier, return_to, expires_at) values ($1, $2, $3, $4, $5, $6, $7)`,
		stateHash[:], browserHash[:], in.Provider, in.Nonce, in.Verifier, in.ReturnTo, now.Add(OIDCSignInTime)); err != nil {
		return fmt.Errorf("keep sign-in: %w", err)
	}
	return nil
}

// Take returns a sign-in to the browser that has begun it, once. ErrSignInGone.
func (s *OIDCSignIns) Take(ctx context.Context, provider, state, browser string) (OIDCSignIn, error) {
	stateHash, browserHash := sha256.Sum256([]byte(state)), sha256.Sum256([]byte(browser))
	rows, err := s.pool.Query(ctx, `delete from identity.oidc_sign_ins where state = $1 and browser = $2 and provider = $3 and expires_at > $4
		returning provider, nonce, verifier, return_to`, stateHash[:], browserHash[:], provider, s.now())
	if err != nil {
		return OIDCSignIn{}, fmt.Errorf("take sign-in: %w", err)
	}
	in, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[OIDCSignIn])
	if errors.Is(err, pgx.ErrNoRows) {
		return in, ErrSignInGone
	}
	if err != nil {
		return in, fmt.Errorf("take sign-in: %w", err)
	}
	return in, nil
}
