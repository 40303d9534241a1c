package analytics_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"outrider/internal/es"
	"outrider/internal/es/logtest"
	"outrider/projections/analytics"
)

// explained has the engine say how it will read what is asked.
type explained struct {
	driver.Conn
	plan string
}

func (c *explained) Query(ctx context.Context, query string, args ...any) (driver.Rows, error) {
	rows, err := c.Conn.Query(ctx, `EXPLAIN indexes = 1 `+query, args...)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		c.plan += line + "\n"
	}
	if err := rows.Close(); err != nil {
		return nil, err
	}
	return c.Conn.Query(ctx, query, args...)
}

// What is rare among an organisation's events must not be looked for in all of them.
func TestRareEventsAreFoundByAnIndex(t *testing.T) {
	t.Parallel()
	h, w := setup(t, 2000)
	org := logtest.Org(0, 2)
	mine := of(w, func(e *es.Event) bool { return e.Org == org })
	conn := &explained{Conn: h.Conn}
	h = analytics.History{Conn: conn}
	for index, ask := range map[string]func() error{
		"ids": func() error {
			got, err := h.ByID(t.Context(), org, mine[7].ID)
			if err == nil && (got == nil || got.Oseq != mine[7].Oseq) {
				err = fmt.Errorf("got %v, want event %d", got, mine[7].Oseq)
			}
			return err
		},
		"types": func() error {
			_, err := h.TypeCounts(t.Context(), org, analytics.AuditFilter{Type: "no.such."})
			return err
		},
		"actors": func() error {
			_, err := h.TypeCounts(t.Context(), org, analytics.AuditFilter{ActorID: "nobody"})
			return err
		},
		"correlations": func() error {
			_, err := h.ByCorrelation(t.Context(), org, uuid.New(), analytics.Page{})
			return err
		},
		"subjects": func() error {
			_, err := h.BySubjects(t.Context(), org, []string{"s3"}, analytics.Page{})
			return err
		},
	} {
		conn.plan = ""
		if err := ask(); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(conn.plan, "Name: "+index) {
			t.Errorf("the index %s isn't asked:\n%s", index, conn.plan)
		}
	}
}

func TestHistogramCountsEachEventOnce(t *testing.T) {
	t.Parallel()
	h, w := setup(t, 2000)
	org := logtest.Org(0, 2)
	mine := of(w, func(e *es.Event) bool { return e.Org == org })
	if err := h.Conn.Exec(t.Context(), `INSERT INTO events SELECT * FROM events WHERE oseq > 10 SETTINGS insert_deduplicate = 0`); err != nil {
		t.Fatal(err)
	}
	from, last := mine[0].Time, mine[len(mine)-1].Time
	width := (last.Sub(from)/7 + time.Microsecond).Truncate(time.Microsecond)
	for name, f := range map[string]analytics.AuditFilter{
		"all":           {From: from},
		"some time":     {From: mine[30].Time, To: last},
		"of a subject":  {From: from, Subject: mine[5].Subject},
		"of type":       {From: from, Type: mine[5].Type},
		"of a command":  {From: from, Correlation: mine[5].CorrelationID},
		"nothing there": {From: last.Add(time.Second)},
	} {
		want := map[time.Time]int64{}
		for _, e := range mine {
			if !e.Time.Before(f.From) && (f.To.IsZero() || e.Time.Before(f.To)) && (f.Subject == "" || e.Subject == f.Subject) && strings.HasPrefix(e.Type, f.Type) && (f.Correlation == uuid.Nil || e.CorrelationID == f.Correlation) {
				want[f.From.Add(e.Time.Sub(f.From).Truncate(width))]++
			}
		}
		buckets, err := h.Histogram(t.Context(), org, f, width)
		if err != nil {
			t.Fatal(err)
		}
		got := map[time.Time]int64{}
		for _, b := range buckets {
			got[b.From] = b.Count
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}
