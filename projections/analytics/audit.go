package analytics

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	columns "outrider/internal/clickhouse"
	"outrider/internal/es"
)

// AuditFilter limits what an auditor sees; a zero field doesn't.
type AuditFilter struct {
	ActorKind, ActorID string
	Subject            string
	Type               string // a prefix
	Correlation        uuid.UUID
	From, To           time.Time // From <= time < To
}

// Audit returns the events of an organisation that a filter lets through.
func (h History) Audit(ctx context.Context, org uuid.UUID, f AuditFilter, p Page) ([]*es.Event, error) {
	where := ""
	var args []any
	add := func(condition, name string, value any) {
		where += condition
		args = append(args, clickhouse.Named(name, value))
	}
	if f.ActorKind != "" {
		add(` AND actor_kind = @actor_kind`, "actor_kind", f.ActorKind)
	}
	if f.ActorID != "" {
		add(` AND actor_id = @actor_id`, "actor_id", f.ActorID)
	}
	if f.Subject != "" {
		add(` AND subject = @subject`, "subject", f.Subject)
	}
	if f.Type != "" {
		add(` AND startsWith(type, @type)`, "type", f.Type)
	}
	if f.Correlation != uuid.Nil {
		add(` AND correlation_id = @correlation`, "correlation", f.Correlation)
	}
	if !f.From.IsZero() {
		add(` AND time >= fromUnixTimestamp64Micro(@from, 'UTC')`, "from", f.From.UnixMicro())
	}
	if !f.To.IsZero() {
		add(` AND time < fromUnixTimestamp64Micro(@to, 'UTC')`, "to", f.To.UnixMicro())
	}
	return h.readPage(ctx, org, where, p, args...)
}

// Newest returns the oseq of an organisation's newest event, 0 when it has none.
func (h History) Newest(ctx context.Context, org uuid.UUID) (oseq int64, err error) {
	if err = h.Conn.QueryRow(columns.ForOrganisation(ctx, org), `SELECT max(oseq) FROM events WHERE org = @org`, clickhouse.Named("org", org)).Scan(&oseq); err != nil {
		return 0, fmt.Errorf("read newest event of %s: %w", org, err)
	}
	return oseq, nil
}
