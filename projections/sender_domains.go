package projections

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// SenderDomain is a row of read.sender_domains.
type SenderDomain struct {
	OrgID       uuid.UUID       `db:"org_id"`
	DomainID    uuid.UUID       `db:"domain_id"`
	Oseq        int64           `db:"oseq"`
	DomainHash  string          `db:"domain_hash"`
	Name        string          `db:"name"`
	Outcome     string          `db:"outcome"`
	Checks      json.RawMessage `db:"checks"`   // []events.DomainCheck
	Evidence    json.RawMessage `db:"evidence"` // events.DomainEvidence
	CheckedAt   *time.Time      `db:"checked_at"`
	RequestedAt *time.Time      `db:"requested_at"`
	Signing     json.RawMessage `db:"signing"` // events.SenderDomainSigningSet; nil = none
	Host        string          `db:"host"`
	CreatedAt   time.Time       `db:"created_at"`
	UpdatedAt   time.Time       `db:"updated_at"`
	Version     int             `db:"version"`
}

// Check returns the outcome of one of its checks; false where it wasn't made.
func (d *SenderDomain) Check(name string) (events.DomainCheck, bool) {
	var all []events.DomainCheck
	if err := json.Unmarshal(d.Checks, &all); err != nil {
		return events.DomainCheck{}, false
	}
	for _, c := range all {
		if c.Check == name {
			return c, true
		}
	}
	return events.DomainCheck{}, false
}

// Passes reports whether one of its checks has passed.
func (d *SenderDomain) Passes(name string) bool {
	c, ok := d.Check(name)
	return ok && c.Outcome == events.CheckPassed
}

func foldSenderDomains(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	about := func(e *es.Event) (x uuid.UUID, ok bool) {
		if p := events.As[events.SenderDomainEvent](e.Payload); p != nil {
			return p.SenderDomain(), true
		}
		return x, false
	}
	return foldTable(ctx, tx, batch, "sender_domains", "domain_id", about, func(r *SenderDomain) id { return id{r.OrgID, r.DomainID} }, applySenderDomain)
}

func applySenderDomain(rows *fold[id, SenderDomain], e *es.Event) (err error) {
	p := events.As[events.SenderDomainEvent](e.Payload)
	if p == nil {
		return nil
	}
	key := id{e.Org, p.SenderDomain()}
	row := func(of events.SenderDomainRef) *SenderDomain {
		d := rows.rows[key]
		if d == nil {
			d = &SenderDomain{OrgID: e.Org, DomainID: of.DomainID, Oseq: e.Oseq, DomainHash: of.DomainHash, Checks: json.RawMessage(`[]`), Evidence: json.RawMessage(`{}`), CreatedAt: e.Time}
			rows.putRow(key, d)
		}
		d.UpdatedAt, d.Version = e.Time, d.Version+1
		return d
	}
	switch p := p.(type) {
	case events.SenderDomainChecksRequested:
		row(p.SenderDomainRef).RequestedAt = &p.RequestedAt
	case events.SenderDomainChecked:
		d := row(p.SenderDomainRef)
		d.Name, d.Outcome, d.CheckedAt, d.RequestedAt = p.Name, p.Outcome(), &p.CheckedAt, nil
		checks, err := es.Marshal(p.Checks)
		if err != nil {
			return err
		}
		d.Checks = checks
		d.Evidence, err = es.Marshal(p.Evidence)
		return err
	case events.SenderDomainSigningSet:
		row(p.SenderDomainRef).Signing, err = es.Marshal(p)
	case events.SenderDomainSigningRemoved:
		row(p.SenderDomainRef).Signing = nil
	case events.SenderDomainTrackingSet:
		row(p.SenderDomainRef).Host = p.Host
	}
	return err
}

// SenderDomains returns the domains of an organisation that something is known of, by hash.
func SenderDomains(ctx context.Context, tx pgx.Tx, org uuid.UUID) (map[string]*SenderDomain, error) {
	rows, err := tx.Query(ctx, selectFrom[SenderDomain]("sender_domains")+`where org_id = $1 order by oseq`, org)
	all, err := collectAll[SenderDomain](rows, err, "list sender domains")
	out := make(map[string]*SenderDomain, len(all))
	for _, d := range all {
		out[d.DomainHash] = d
	}
	return out, err
}

// MailboxesOfDomain returns the mailboxes of a domain, the oldest first.
func MailboxesOfDomain(ctx context.Context, tx pgx.Tx, org uuid.UUID, hash string) ([]*Mailbox, error) {
	rows, err := tx.Query(ctx, selectFrom[Mailbox]("mailboxes")+`where org_id = $1 and domain_hash = $2 and removed_at is null order by oseq`, org, hash)
	return collectAll[Mailbox](rows, err, "list mailboxes of a domain")
}

// GetSenderDomain returns what is known of a domain; of one that was never looked at nothing is.
func GetSenderDomain(ctx context.Context, tx pgx.Tx, org uuid.UUID, of events.SenderDomainRef) (*SenderDomain, error) {
	rows, err := tx.Query(ctx, selectFrom[SenderDomain]("sender_domains")+`where org_id = $1 and domain_id = $2`, org, of.DomainID)
	d, err := collectOne[SenderDomain](rows, err, "get sender domain")
	if errors.Is(err, pgx.ErrNoRows) {
		return &SenderDomain{OrgID: org, DomainID: of.DomainID, DomainHash: of.DomainHash, Checks: json.RawMessage(`[]`), Evidence: json.RawMessage(`{}`)}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("domain %s: %w", of.DomainID, err)
	}
	return d, nil
}

// HashesOfSenderDomains returns the hashes of the domains that an organisation has mailboxes of.
func HashesOfSenderDomains(ctx context.Context, tx pgx.Tx, org uuid.UUID) ([]string, error) {
	rows, err := tx.Query(ctx, `select distinct domain_hash from mailboxes where org_id = $1 and removed_at is null`, org)
	if err != nil {
		return nil, fmt.Errorf("list hashes of sender domains: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list hashes of sender domains: %w", err)
	}
	return out, nil
}
