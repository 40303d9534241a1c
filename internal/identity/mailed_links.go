package identity

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const prefixLink = "orl_"

// ErrLink: a mailed link was never given, was used, replaced or is too old. All look alike.
var ErrLink = errors.New("the link is not valid any more")

// LinkKind is what a mailed link is for.
type LinkKind string

// The kinds of links. A decoy is stored where nothing is to be mailed, so that asking takes as long.
const (
	LinkSignUp     LinkKind = "sign_up"
	LinkReset      LinkKind = "reset"
	LinkInvitation LinkKind = "invitation"
	LinkDecoy      LinkKind = "decoy"
	LinkFirstRun   LinkKind = "first_run" // printed, not mailed: signs in who has started an installation of their own
)

// Invitation is what the link of an invitation is about.
type Invitation struct {
	Org   uuid.UUID `json:"org"`
	ID    uuid.UUID `json:"id"`
	Email string    `json:"email"` // normalised
	Role  Role      `json:"role"`
}

// FirstRun is what a link of the first run is for, besides the person whom it is about.
type FirstRun struct {
	Org uuid.UUID `json:"org"`
}

// Link is what was mailed to somebody.
type Link struct {
	ID    uuid.UUID
	About string // address, person or invitation
	Data  json.RawMessage
}

// MailedLinks keeps them.
type MailedLinks struct {
	pool *pgxpool.Pool
	now  func() time.Time
}

// NewMailedLinks takes a pool that connects as outrider_identity; now nil means time.Now.
func NewMailedLinks(pool *pgxpool.Pool, now func() time.Time) *MailedLinks {
	if now == nil {
		now = time.Now
	}
	return &MailedLinks{pool, now}
}

// Issue makes a link and returns its token; an earlier one of the kind about the same is worth nothing any more.
func (m *MailedLinks) Issue(ctx context.Context, kind LinkKind, about string, data any, lasts time.Duration) (string, error) {
	text := NewLinkToken()
	return text, m.IssueAs(ctx, text, kind, about, data, lasts)
}

// IssueAs is Issue for a token that was made before.
func (m *MailedLinks) IssueAs(ctx context.Context, text string, kind LinkKind, about string, data any, lasts time.Duration) error {
	encoded, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("encode link: %w", err)
	}
	t, ok := parseSecret(prefixLink, text)
	if !ok {
		return ErrLink
	}
	hash := t.hashSecret()
	_, err = m.pool.Exec(ctx, `with replaced as (delete from identity.mailed_links where kind = $2 and about = $4 or expires_at < $7)
		insert into identity.mailed_links (id, kind, hash, about, data, expires_at) values ($1, $2, $3, $4, $5, $6)`, t.id, kind, hash[:], about, encoded, m.now().Add(lasts), m.now())
	if err != nil {
		return fmt.Errorf("store link: %w", err)
	}
	return nil
}

// NewLinkToken makes the token of a link.
func NewLinkToken() string { return formatSecret(prefixLink, newToken(false, uuid.New())) }

// Find returns what a token is about, and leaves it usable. ErrLink.
func (m *MailedLinks) Find(ctx context.Context, kind LinkKind, text string) (Link, error) {
	t, ok := parseSecret(prefixLink, text)
	if !ok {
		return Link{}, ErrLink
	}
	l := Link{ID: t.id}
	var hash []byte
	err := m.pool.QueryRow(ctx, `select hash, about, data from identity.mailed_links where id = $1 and kind = $2 and expires_at > $3`, t.id, kind, m.now()).Scan(&hash, &l.About, &l.Data)
	if errors.Is(err, pgx.ErrNoRows) {
		return Link{}, ErrLink
	}
	if err != nil {
		return Link{}, fmt.Errorf("read link: %w", err)
	}
	if want := t.hashSecret(); subtle.ConstantTimeCompare(hash, want[:]) != 1 {
		return Link{}, ErrLink
	}
	return l, nil
}

// Use ends a link; ErrLink when somebody else has used it meanwhile.
func (m *MailedLinks) Use(ctx context.Context, id uuid.UUID) error {
	tag, err := m.pool.Exec(ctx, `delete from identity.mailed_links where id = $1`, id)
	if err != nil {
		return fmt.Errorf("use link: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrLink
	}
	return nil
}

// Withdraw ends the link of a kind about something.
func (m *MailedLinks) Withdraw(ctx context.Context, kind LinkKind, about string) error {
	if _, err := m.pool.Exec(ctx, `delete from identity.mailed_links where kind = $1 and about = $2`, kind, about); err != nil {
		return fmt.Errorf("withdraw link: %w", err)
	}
	return nil
}
