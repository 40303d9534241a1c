package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Picture is a person's, as we encoded it.
type Picture struct {
	JPEG    []byte
	Version string // of its content
}

// SetPicture stores a person's picture, which must come from internal/picture, and returns its version.
func (p *People) SetPicture(ctx context.Context, person uuid.UUID, jpeg []byte) (version string, err error) {
	sum := sha256.Sum256(jpeg)
	version = hex.EncodeToString(sum[:8])
	if _, err := p.pool.Exec(ctx, `insert into identity.pictures (person_id, jpeg, version, updated_at) values ($1, $2, $3, $4)
		on conflict (person_id) do update set jpeg = excluded.jpeg, version = excluded.version, updated_at = excluded.updated_at`, person, jpeg, version, p.now()); err != nil {
		return "", fmt.Errorf("store picture: %w", err)
	}
	return version, nil
}

// RemovePicture removes a person's picture, if there is one.
func (p *People) RemovePicture(ctx context.Context, person uuid.UUID) error {
	if _, err := p.pool.Exec(ctx, `delete from identity.pictures where person_id = $1`, person); err != nil {
		return fmt.Errorf("remove picture: %w", err)
	}
	return nil
}

// Picture returns a person's picture; ErrNotFound when there is none.
func (p *People) Picture(ctx context.Context, person uuid.UUID) (out Picture, err error) {
	err = p.pool.QueryRow(ctx, `select jpeg, version from identity.pictures where person_id = $1`, person).Scan(&out.JPEG, &out.Version)
	if errors.Is(err, pgx.ErrNoRows) {
		return Picture{}, ErrNotFound
	}
	if err != nil {
		return Picture{}, fmt.Errorf("read picture: %w", err)
	}
	return out, nil
}

// PictureVersions returns the versions of the pictures of those people who have one.
func (p *People) PictureVersions(ctx context.Context, people ...uuid.UUID) (map[uuid.UUID]string, error) {
	rows, err := p.pool.Query(ctx, `select person_id, version from identity.pictures where person_id = any($1)`, people)
	if err != nil {
		return nil, fmt.Errorf("read pictures: %w", err)
	}
	versions, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		Person  uuid.UUID
		Version string
	}])
	if err != nil {
		return nil, fmt.Errorf("read pictures: %w", err)
	}
	out := map[uuid.UUID]string{}
	for _, v := range versions {
		out[v.Person] = v.Version
	}
	return out, nil
}
