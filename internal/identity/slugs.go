// Package identity knows who asks: API keys by their hash, and the names that are unique across organisations.
package identity

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ReservationTime is how long a slug is held for an organisation that was asked for and isn't there yet.
const ReservationTime = 15 * time.Minute

// RedirectTime is how long a slug leads to the organisation that has another one now.
const RedirectTime = 30 * 24 * time.Hour

var (
	// ErrSlugTaken: another organisation has or reserved the slug.
	ErrSlugTaken = errors.New("this slug is taken")
	// ErrSlug: not 3 to 40 lower-case letters, digits and inner hyphens, or a word that the platform keeps.
	ErrSlug = errors.New("a slug has 3 to 40 lower-case letters, digits and single hyphens between them")
)

var slugPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$`)

// Slugs keeps the short names of organisations unique. The log can't: it is ordered within one organisation only. So a
// slug is reserved before the organisation is created, and confirmed by the event that created it.
type Slugs struct {
	pool *pgxpool.Pool
	now  func() time.Time
}

// NewSlugs takes a pool that connects as outrider_identity; now nil means time.Now.
func NewSlugs(pool *pgxpool.Pool, now func() time.Time) *Slugs {
	if now == nil {
		now = time.Now
	}
	return &Slugs{pool: pool, now: now}
}

// Reserve holds slug for org for ReservationTime; for the same org it may be called again. ErrSlugTaken, ErrSlug.
func (s *Slugs) Reserve(ctx context.Context, slug string, org uuid.UUID) error {
	if err := CheckSlug(slug); err != nil {
		return err
	}
	now := s.now()
	tag, err := s.pool.Exec(ctx, `
		insert into identity.slugs as s (slug, org_id, state, reserved_at) values ($1, $2, 'reserved', $3)
		on conflict (slug) do update set org_id = $2, until = null, state = case s.state when 'old' then 'reserved' else s.state end, reserved_at = case s.state when 'confirmed' then s.reserved_at else $3 end
		where s.org_id = $2 or (s.state = 'reserved' and s.reserved_at <= $4) or (s.state = 'old' and s.until <= $3)`, slug, org, now, now.Add(-ReservationTime))
	if err != nil {
		return fmt.Errorf("reserve slug %s: %w", slug, err)
	}
	if tag.RowsAffected() == 0 {
		return ErrSlugTaken
	}
	return nil
}

// Confirm makes a reservation permanent. It is called for the event that created org and may be repeated. ErrSlugTaken
// says that the reservation ran out and another organisation took it.
func (s *Slugs) Confirm(ctx context.Context, slug string, org uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `update identity.slugs set state = case state when 'reserved' then 'confirmed' else state end where slug = $1 and org_id = $2`, slug, org)
	if err != nil {
		return fmt.Errorf("confirm slug %s: %w", slug, err)
	}
	if tag.RowsAffected() == 0 {
		return ErrSlugTaken
	}
	return nil
}

// Rename makes a reservation permanent in the place of the slug that the organisation had, which leads to it for RedirectTime. It is called for the event that
// says so and may be repeated: of a later change nothing is taken back. ErrSlugTaken as with Confirm.
func (s *Slugs) Rename(ctx context.Context, from, to string, org uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `with before as (update identity.slugs set state = 'old', until = $4 where slug = $1 and org_id = $3 and state = 'confirmed'
			and exists (select from identity.slugs where slug = $2 and org_id = $3 and state = 'reserved'))
		update identity.slugs set state = case state when 'reserved' then 'confirmed' else state end, until = case state when 'reserved' then null else until end where slug = $2 and org_id = $3`,
		from, to, org, s.now().Add(RedirectTime))
	if err != nil {
		return fmt.Errorf("rename slug %s to %s: %w", from, to, err)
	}
	if tag.RowsAffected() == 0 {
		return ErrSlugTaken
	}
	return nil
}

// Old returns the slugs that an organisation had before and that still lead to it.
func (s *Slugs) Old(ctx context.Context, org uuid.UUID) ([]string, error) {
	rows, err := s.pool.Query(ctx, `select slug from identity.slugs where org_id = $1 and state = 'old' and until > $2 order by slug`, org, s.now())
	if err != nil {
		return nil, fmt.Errorf("list slugs of %s: %w", org, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list slugs of %s: %w", org, err)
	}
	return list, nil
}

// Resolve returns whose a slug is, and the slug that it has now: another one where it was renamed of late. ErrNotFound.
func (s *Slugs) Resolve(ctx context.Context, slug string) (now Slug, err error) {
	err = s.pool.QueryRow(ctx, `select c.slug, c.org_id from identity.slugs s join identity.slugs c on c.org_id = s.org_id and c.state = 'confirmed'
		where s.slug = $1 and (s.state = 'confirmed' or s.state = 'old' and s.until > $2)`, slug, s.now()).Scan(&now.Slug, &now.Org)
	if errors.Is(err, pgx.ErrNoRows) {
		return now, ErrNotFound
	}
	if err != nil {
		return now, fmt.Errorf("resolve slug %s: %w", slug, err)
	}
	return now, nil
}

// Release returns up a reservation, or the slug of an organisation that was deleted.
func (s *Slugs) Release(ctx context.Context, slug string, org uuid.UUID) error {
	if _, err := s.pool.Exec(ctx, `delete from identity.slugs where slug = $1 and org_id = $2`, slug, org); err != nil {
		return fmt.Errorf("release slug %s: %w", slug, err)
	}
	return nil
}

// ReleaseAll gives up the slug of an organisation that is deleted for good.
func (s *Slugs) ReleaseAll(ctx context.Context, org uuid.UUID) error {
	if _, err := s.pool.Exec(ctx, `delete from identity.slugs where org_id = $1`, org); err != nil {
		return fmt.Errorf("release slug of %s: %w", org, err)
	}
	return nil
}

// Organization returns who owns a confirmed slug, or ErrNotFound.
func (s *Slugs) Organization(ctx context.Context, slug string) (uuid.UUID, error) {
	var org uuid.UUID
	err := s.pool.QueryRow(ctx, `select org_id from identity.slugs where slug = $1 and state = 'confirmed'`, slug).Scan(&org)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, ErrNotFound
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("find slug %s: %w", slug, err)
	}
	return org, nil
}

// Of returns the confirmed slug of an organisation, or ErrNotFound.
func (s *Slugs) Of(ctx context.Context, org uuid.UUID) (slug string, err error) {
	err = s.pool.QueryRow(ctx, `select slug from identity.slugs where org_id = $1 and state = 'confirmed'`, org).Scan(&slug)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("find slug of %s: %w", org, err)
	}
	return slug, nil
}

// Slug is the name of an organisation.
type Slug struct {
	Slug string
	Org  uuid.UUID
}

// List returns confirmed slugs in their order; after is the last one seen, "" at the begin. It is for the operator.
func (s *Slugs) List(ctx context.Context, after string, limit int) ([]Slug, error) {
	rows, err := s.pool.Query(ctx, `select slug, org_id from identity.slugs where state = 'confirmed' and slug > $1 order by slug limit $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list slugs: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Slug])
	if err != nil {
		return nil, fmt.Errorf("list slugs: %w", err)
	}
	return list, nil
}

// CheckSlug reports whether slug may be a slug, with ErrSlug.
func CheckSlug(slug string) error {
	if !slugPattern.MatchString(slug) || strings.Contains(slug, "--") {
		return ErrSlug
	}
	if slices.Contains([]string{"admin", "api", "app", "docs", "outrider", "platform", "status", "support", "system", "www"}, slug) {
		return fmt.Errorf("%w; %q is kept for the platform", ErrSlug, slug)
	}
	return nil
}
