package projections

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// Claim is a row of read.claims: the newest version of a sentence that the organisation may say about itself.
type Claim struct {
	OrgID         uuid.UUID  `db:"org_id"`
	ClaimID       uuid.UUID  `db:"claim_id"`
	Oseq          int64      `db:"oseq"`
	CampaignID    *uuid.UUID `db:"campaign_id"`
	Version       int        `db:"version"`
	VersionID     uuid.UUID  `db:"version_id"`
	Text          string     `db:"text"`
	Source        string     `db:"source"`
	ValidUntil    *time.Time `db:"valid_until"`
	ApprovedBy    string     `db:"approved_by"`
	ApprovedAt    time.Time  `db:"approved_at"`
	CreatedAt     time.Time  `db:"created_at"`
	RetiredAt     *time.Time `db:"retired_at"`
	RetiredReason string     `db:"retired_reason"`
	RetiredBy     string     `db:"retired_by"`
}

// Usable reports whether a claim may be said at a time.
func (c *Claim) Usable(at time.Time) bool {
	return c.RetiredAt == nil && (c.ValidUntil == nil || at.Before(*c.ValidUntil))
}

// ClaimVersion is a row of read.claim_versions.
type ClaimVersion struct {
	OrgID      uuid.UUID  `db:"org_id"`
	ClaimID    uuid.UUID  `db:"claim_id"`
	Version    int        `db:"version"`
	Oseq       int64      `db:"oseq"`
	VersionID  uuid.UUID  `db:"version_id"`
	Text       string     `db:"text"`
	Source     string     `db:"source"`
	ValidUntil *time.Time `db:"valid_until"`
	ApprovedBy string     `db:"approved_by"`
	ApprovedAt time.Time  `db:"approved_at"`
}

func foldClaims(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var touched []id
	for _, e := range batch {
		if p := events.As[events.ClaimEvent](e.Payload); p != nil {
			touched = append(touched, id{e.Org, p.Claim()})
		}
	}
	if len(touched) == 0 {
		return nil
	}
	rows := newFold[id, Claim]()
	if err := loadRows(ctx, tx, rows, "claims", "claim_id", touched, func(c *Claim) id { return id{c.OrgID, c.ClaimID} }); err != nil {
		return err
	}
	var versions []*ClaimVersion
	for _, e := range batch {
		by := e.Actor.Kind + ":" + replaceNUL(e.Actor.ID)
		switch p := events.As[events.ClaimEvent](e.Payload).(type) {
		case events.ClaimApproved:
			v := &ClaimVersion{OrgID: e.Org, ClaimID: p.ClaimID, Version: p.Version, Oseq: e.Oseq, VersionID: p.VersionID, Text: replaceNUL(p.Text), Source: replaceNUL(p.Source),
				ValidUntil: timeOrNil(p.ValidUntil), ApprovedBy: by, ApprovedAt: e.Time}
			versions = append(versions, v)
			row := &Claim{OrgID: e.Org, ClaimID: p.ClaimID, Oseq: e.Oseq, CampaignID: nilIfZero(p.CampaignID), Version: v.Version, VersionID: v.VersionID, Text: v.Text, Source: v.Source, ValidUntil: v.ValidUntil,
				ApprovedBy: by, ApprovedAt: e.Time, CreatedAt: e.Time}
			if was := rows.rows[id{e.Org, p.ClaimID}]; was != nil {
				row.Oseq, row.CreatedAt = was.Oseq, was.CreatedAt
			}
			rows.putRow(id{e.Org, p.ClaimID}, row)
		case events.ClaimRetired:
			if row := rows.rows[id{e.Org, p.ClaimID}]; row != nil {
				row.RetiredAt, row.RetiredReason, row.RetiredBy = &e.Time, p.Reason, by
			}
		}
	}
	return errors.Join(upsertRows(ctx, tx, "claims", "org_id, claim_id", rows.liveRows()), upsertRows(ctx, tx, "claim_versions", "org_id, claim_id, version", versions))
}

// ClaimFilter narrows a list of claims.
type ClaimFilter struct {
	Retired  bool      // those, instead of those that may be said
	Campaign uuid.UUID // what its messages may say: its own and those of the whole organisation; zero = all
}

// ListClaims returns claims, the oldest first. after is the oseq of the last one seen.
func ListClaims(ctx context.Context, tx pgx.Tx, org uuid.UUID, f ClaimFilter, after int64, limit int) ([]*Claim, error) {
	rows, err := tx.Query(ctx, selectFrom[Claim]("claims")+`where org_id = $1 and oseq > $2 and (retired_at is not null) = $3 and ($4::uuid is null or campaign_id is null or campaign_id = $4) order by oseq limit $5`,
		org, after, f.Retired, nilIfZero(f.Campaign), limit)
	return collectAll[Claim](rows, err, "list claims")
}

// GetClaim returns pgx.ErrNoRows when the organisation has no such claim.
func GetClaim(ctx context.Context, tx pgx.Tx, org, claim uuid.UUID) (*Claim, error) {
	rows, err := tx.Query(ctx, selectFrom[Claim]("claims")+`where org_id = $1 and claim_id = $2`, org, claim)
	return collectOne[Claim](rows, err, "get claim")
}

// ClaimVersions returns the versions of a claim, the newest first.
func ClaimVersions(ctx context.Context, tx pgx.Tx, org, claim uuid.UUID) ([]*ClaimVersion, error) {
	rows, err := tx.Query(ctx, selectFrom[ClaimVersion]("claim_versions")+`where org_id = $1 and claim_id = $2 order by version desc`, org, claim)
	return collectAll[ClaimVersion](rows, err, "list versions of a claim")
}

// ClaimsSaid returns the newest version of each of the wordings that evidence names.
func ClaimsSaid(ctx context.Context, tx pgx.Tx, org uuid.UUID, versionIDs []uuid.UUID) (map[uuid.UUID]*ClaimVersion, error) {
	rows, err := tx.Query(ctx, selectFrom[ClaimVersion]("claim_versions")+`where org_id = $1 and version_id = any($2) order by version`, org, versionIDs)
	all, err := collectAll[ClaimVersion](rows, err, "read what drafts say of us")
	out := map[uuid.UUID]*ClaimVersion{}
	for _, v := range all {
		out[v.VersionID] = v
	}
	return out, err
}

// LiveClaims returns which of some claims may be said.
func LiveClaims(ctx context.Context, tx pgx.Tx, org uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]bool, error) {
	rows, err := tx.Query(ctx, `select claim_id from read.claims where org_id = $1 and claim_id = any($2) and retired_at is null`, org, ids)
	if err != nil {
		return nil, fmt.Errorf("read which claims may be said: %w", err)
	}
	out := map[uuid.UUID]bool{}
	var claim uuid.UUID
	if _, err := pgx.ForEachRow(rows, []any{&claim}, func() error { out[claim] = true; return nil }); err != nil {
		return nil, fmt.Errorf("read which claims may be said: %w", err)
	}
	return out, nil
}
