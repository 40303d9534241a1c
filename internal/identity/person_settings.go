package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Kinds of what a person sets for themselves.
const (
	SettingPreferences   = "preferences"   // in all organisations
	SettingNotifications = "notifications" // in one
)

// MaxViews is how many views a person may save in an organisation.
const MaxViews = 200

// ErrTooManyViews says that a person has MaxViews already.
var ErrTooManyViews = errors.New("there are too many views")

// SavedView is a list as somebody has filtered and sorted it.
type SavedView struct {
	ID        uuid.UUID       `db:"view_id"`
	Org       uuid.UUID       `db:"org_id"`
	Person    uuid.UUID       `db:"person_id"`
	Page      string          `db:"page"`
	Name      string          `db:"name"`
	Shared    bool            `db:"shared"`
	Value     json.RawMessage `db:"value"`
	UpdatedAt time.Time       `db:"updated_at"`
}

// PersonSettings keeps what people set for themselves.
type PersonSettings struct {
	pool *pgxpool.Pool
	now  func() time.Time
}

// NewPersonSettings takes a pool that connects as outrider_identity; now nil means time.Now.
func NewPersonSettings(pool *pgxpool.Pool, now func() time.Time) *PersonSettings {
	if now == nil {
		now = time.Now
	}
	return &PersonSettings{pool, now}
}

// Get returns what a person has set; nil = nothing.
func (s *PersonSettings) Get(ctx context.Context, person, org uuid.UUID, kind string) (value json.RawMessage, err error) {
	err = s.pool.QueryRow(ctx, `select value from identity.person_settings where person_id = $1 and org_id = $2 and kind = $3`, person, org, kind).Scan(&value)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", kind, err)
	}
	return value, nil
}

// Set replaces it.
func (s *PersonSettings) Set(ctx context.Context, person, org uuid.UUID, kind string, value json.RawMessage) error {
	_, err := s.pool.Exec(ctx, `insert into identity.person_settings (person_id, org_id, kind, value, updated_at) values ($1, $2, $3, $4, $5)
		on conflict (person_id, org_id, kind) do update set value = excluded.value, updated_at = excluded.updated_at`, person, org, kind, value, s.now())
	if err != nil {
		return fmt.Errorf("write %s: %w", kind, err)
	}
	return nil
}

// Views returns a person's own views in an organisation and those that others share there, by name; page "" = of all pages.
func (s *PersonSettings) Views(ctx context.Context, person, org uuid.UUID, page string) ([]*SavedView, error) {
	rows, err := s.pool.Query(ctx, `select view_id, org_id, person_id, page, name, shared, value, updated_at from identity.saved_views
		where org_id = $2 and (person_id = $1 or shared) and ($3 = '' or page = $3) order by lower(name), view_id`, person, org, page)
	if err != nil {
		return nil, fmt.Errorf("list views: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[SavedView])
	if err != nil {
		return nil, fmt.Errorf("list views: %w", err)
	}
	return out, nil
}

// SaveView adds a view, or changes one of the person's own. It reports false when the person has none of that id in the organisation and it
// isn't new.
func (s *PersonSettings) SaveView(ctx context.Context, v *SavedView, isNew bool) (bool, error) {
	v.UpdatedAt = s.now().UTC().Truncate(time.Microsecond)
	if !isNew {
		tag, err := s.pool.Exec(ctx, `update identity.saved_views set page = $4, name = $5, shared = $6, value = $7, updated_at = $8 where view_id = $1 and org_id = $2 and person_id = $3`,
			v.ID, v.Org, v.Person, v.Page, v.Name, v.Shared, v.Value, v.UpdatedAt)
		if err != nil {
			return false, fmt.Errorf("change view: %w", err)
		}
		return tag.RowsAffected() == 1, nil
	}
	tag, err := s.pool.Exec(ctx, `insert into identity.saved_views (view_id, org_id, person_id, page, name, shared, value, updated_at)
		select $1, $2, $3, $4, $5, $6, $7, $8 where (select count(*) from identity.saved_views where org_id = $2 and person_id = $3) < $9`,
		v.ID, v.Org, v.Person, v.Page, v.Name, v.Shared, v.Value, v.UpdatedAt, MaxViews)
	if err != nil {
		return false, fmt.Errorf("save view: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return false, ErrTooManyViews
	}
	return true, nil
}

// RemoveView removes one of the person's own views; false = there is none.
func (s *PersonSettings) RemoveView(ctx context.Context, person, org, view uuid.UUID) (bool, error) {
	tag, err := s.pool.Exec(ctx, `delete from identity.saved_views where view_id = $1 and org_id = $2 and person_id = $3`, view, org, person)
	if err != nil {
		return false, fmt.Errorf("remove view: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}
