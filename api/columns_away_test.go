package api_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"outrider/api"
)

// failing is a ClickHouse that answers everything with an error.
type failing struct {
	driver.Conn
	err error
}

func (f failing) Query(context.Context, string, ...any) (driver.Rows, error) { return nil, f.err }
func (f failing) QueryRow(context.Context, string, ...any) driver.Row        { return failingRow{err: f.err} }

type failingRow struct {
	driver.Row
	err error
}

func (r failingRow) Err() error        { return r.err }
func (r failingRow) Scan(...any) error { return r.err }

func TestAColumnStoreThatIsAwayOrAtItsBoundsAsksToComeBack(t *testing.T) {
	t.Parallel()
	c := letters(t)
	l := c.sent("ann@acme.test", "", time.Hour)
	lead, campaign := l.lead.String(), c.id.String()
	// what needs ClickHouse waits for nothing here: positions of its projections are known
	paths := []string{"/v1/campaigns/" + campaign + "/analytics", "/v1/audit/events", "/v1/trace/" + lead, "/v1/messages/" + l.message.String() + "/why?at=2026-01-01T00:00:00Z", "/v1/leads/" + lead + "?at=2026-01-01T00:00:00Z",
		"/v1/campaigns/" + campaign + "?at=2026-01-01T00:00:00Z", "/v1/audit/export"}
	for name, err := range map[string]error{
		"memory":    &clickhouse.Exception{Code: 241, Name: "DB::Exception", Message: "Memory limit (for query) exceeded"},
		"time":      &clickhouse.HTTPError{StatusCode: 408, Err: &clickhouse.Exception{Code: 159}},
		"queries":   &clickhouse.Exception{Code: 202},
		"no room":   clickhouse.ErrAcquireConnTimeout,
		"a proxy":   &clickhouse.HTTPError{StatusCode: 502},
		"truncated": errTruncated{},
	} {
		c.serve(func(cfg *api.Config) { cfg.Columns = failing{err: err} })
		for _, path := range paths {
			a := c.do("GET", path, nil)
			if a.status != 503 || a.header.Get("Retry-After") == "" {
				t.Errorf("%s, %s: %d %s", name, path, a.status, a.body)
			}
		}
	}
}

// errTruncated is how clickhouse-go says that an answer broke off.
type errTruncated struct{}

func (errTruncated) Error() string { return "readData stream: unexpected EOF" }
func (errTruncated) Unwrap() error { return io.ErrUnexpectedEOF }
