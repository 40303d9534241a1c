package projections

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// IdentityLink is a row of read.identity_links.
type IdentityLink struct {
	OrgID      uuid.UUID       `db:"org_id"`
	LinkID     uuid.UUID       `db:"link_id"`
	Oseq       int64           `db:"oseq"`
	Provider   string          `db:"provider"`
	ExternalID string          `db:"external_id"`
	Role       string          `db:"role"`    // of who joins by coming; "" = nobody does
	Domains    json.RawMessage `db:"domains"` // names, as a JSON array
	LinkedAt   time.Time       `db:"linked_at"`
	UpdatedAt  time.Time       `db:"updated_at"`
	EndedAt    *time.Time      `db:"ended_at"`
}

func foldIdentityLinks(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	about := func(e *es.Event) (x uuid.UUID, ok bool) {
		switch p := events.As[events.IdentityEvent](e.Payload).(type) {
		case events.IdentityLinked:
			return p.LinkID, true
		case events.IdentityUnlinked:
			return p.LinkID, true
		case events.IdentityJoiningSet:
			return p.LinkID, true
		}
		return x, false
	}
	return foldTable(ctx, tx, batch, "identity_links", "link_id", about, func(r *IdentityLink) id { return id{r.OrgID, r.LinkID} }, applyIdentityLink)
}

func applyIdentityLink(rows *fold[id, IdentityLink], e *es.Event) error {
	change := func(link uuid.UUID, set func(*IdentityLink)) {
		if l := rows.rows[id{e.Org, link}]; l != nil {
			set(l)
			l.UpdatedAt = e.Time
		}
	}
	switch p := events.As[events.IdentityEvent](e.Payload).(type) {
	case events.IdentityLinked:
		rows.putRow(id{e.Org, p.LinkID}, &IdentityLink{OrgID: e.Org, LinkID: p.LinkID, Oseq: e.Oseq, Provider: p.Provider, ExternalID: p.ExternalID, Domains: json.RawMessage("[]"), LinkedAt: e.Time, UpdatedAt: e.Time})
	case events.IdentityUnlinked:
		change(p.LinkID, func(l *IdentityLink) { l.EndedAt, l.Role = &e.Time, "" })
	case events.IdentityJoiningSet:
		names := make([]string, 0, len(p.Domains))
		for _, d := range p.Domains {
			names = append(names, d.Name)
		}
		domains, err := es.Marshal(names)
		if err != nil {
			return err
		}
		change(p.LinkID, func(l *IdentityLink) { l.Role, l.Domains = p.Role, domains })
	}
	return nil
}

// GetIdentityLink returns pgx.ErrNoRows for one that there isn't, or is no longer.
func GetIdentityLink(ctx context.Context, tx pgx.Tx, org, link uuid.UUID) (*IdentityLink, error) {
	rows, err := tx.Query(ctx, selectFrom[IdentityLink]("identity_links")+`where org_id = $1 and link_id = $2 and ended_at is null`, org, link)
	return collectOne[IdentityLink](rows, err, "get identity link")
}

// ListIdentityLinks returns all of an organisation, the oldest first: there are few.
func ListIdentityLinks(ctx context.Context, tx pgx.Tx, org uuid.UUID) ([]*IdentityLink, error) {
	rows, err := tx.Query(ctx, selectFrom[IdentityLink]("identity_links")+`where org_id = $1 and ended_at is null order by oseq`, org)
	return collectAll[IdentityLink](rows, err, "list identity links")
}
