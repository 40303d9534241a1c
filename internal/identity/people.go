package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrEmailTaken: another person has the address.
var ErrEmailTaken = errors.New("another person has this address")

// Person is somebody who can sign in. People are global: one may be a member of several organisations.
type Person struct {
	ID         uuid.UUID  `db:"id"`
	Email      string     `db:"email"` // normalised, shown to be theirs
	FirstName  string     `db:"first_name"`
	LastName   string     `db:"last_name"`
	CreatedAt  time.Time  `db:"created_at"`
	LastSignIn *time.Time `db:"last_sign_in_at"`
}

const personColumns = `id, email, first_name, last_name, created_at, last_sign_in_at`

// People keeps who can sign in. One serves all goroutines of a process.
type People struct {
	pool      *pgxpool.Pool
	passwords *passwords
	now       func() time.Time
}

// NewPeople takes a pool that connects as outrider_identity; now nil means time.Now.
func NewPeople(pool *pgxpool.Pool, now func() time.Time) *People {
	if now == nil {
		now = time.Now
	}
	return &People{pool, newPasswords(), now}
}

// Add stores a person; a repeat with the same id changes nothing. hash is HashPassword's. ErrEmailTaken.
func (p *People) Add(ctx context.Context, who Person, hash string) error {
	_, err := p.pool.Exec(ctx, `insert into identity.people (id, email, first_name, last_name, password, created_at) values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing`,
		who.ID, who.Email, who.FirstName, who.LastName, hash, p.now())
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" { // unique_violation: of the address
		return ErrEmailTaken
	}
	if err != nil {
		return fmt.Errorf("store person: %w", err)
	}
	return nil
}

// ByEmail returns ErrNotFound when nobody has a normalised address.
func (p *People) ByEmail(ctx context.Context, email string) (Person, error) {
	return p.findPerson(ctx, `email = $1`, email)
}

// ByID returns ErrNotFound when there is nobody.
func (p *People) ByID(ctx context.Context, id uuid.UUID) (Person, error) {
	return p.findPerson(ctx, `id = $1`, id)
}

func (p *People) findPerson(ctx context.Context, where string, arg any) (Person, error) {
	rows, err := p.pool.Query(ctx, `select `+personColumns+` from identity.people where active and `+where, arg)
	if err != nil {
		return Person{}, fmt.Errorf("find person: %w", err)
	}
	who, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Person])
	if errors.Is(err, pgx.ErrNoRows) {
		return Person{}, ErrNotFound
	}
	if err != nil {
		return Person{}, fmt.Errorf("find person: %w", err)
	}
	return who, nil
}

// HashPassword makes what Add and SetPassword take.
func (p *People) HashPassword(ctx context.Context, password string) (string, error) {
	return p.passwords.hashPassword(ctx, password)
}

// Hashes is how many passwords were hashed so far, to be checked or kept.
func (p *People) Hashes() int64 { return p.passwords.done.Load() }

// SetPassword replaces a person's password. Sign-ins with the old one that wait for a second factor end.
func (p *People) SetPassword(ctx context.Context, id uuid.UUID, hash string) error {
	if _, err := p.pool.Exec(ctx, `with ended as (delete from identity.second_factor_sign_ins where person_id = $1) update identity.people set password = $2 where id = $1`, id, hash); err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return nil
}

// Verify returns who has an address and a password, else ErrUnauthenticated. It takes as long when nobody has the address. A hash with
// lesser parameters than today's is made anew.
func (p *People) Verify(ctx context.Context, email, password string) (Person, error) {
	var hash string
	who, err := p.ByEmail(ctx, email)
	switch {
	case err == nil:
		err = p.pool.QueryRow(ctx, `select password from identity.people where id = $1`, who.ID).Scan(&hash)
	case errors.Is(err, ErrNotFound):
		err = p.pool.QueryRow(ctx, `select '' from (select 1) t where $1::uuid is not null`, uuid.Nil).Scan(&hash) // as many questions
	}
	if err != nil {
		return Person{}, fmt.Errorf("read password: %w", err)
	}
	ok, weak, err := p.passwords.matchPassword(ctx, password, hash)
	if err != nil {
		return Person{}, err
	}
	if !ok {
		return Person{}, ErrUnauthenticated
	}
	if weak {
		if hash, err = p.HashPassword(ctx, password); err == nil {
			err = p.SetPassword(ctx, who.ID, hash)
		}
	}
	return who, err
}
