package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Transient tells trouble with a database, which passes, from trouble with a statement: by the class of the SQLSTATE
// (https://www.postgresql.org/docs/current/errcodes-appendix.html) where Postgres gave one, and else by what became of the connection.
func Transient(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && len(pg.Code) == 5 {
		// Connection, rollback (serialization, deadlock), resources, operator intervention, system; locks not available.
		return slices.Contains([]string{"08", "40", "53", "57", "58"}, pg.Code[:2]) || pg.Code == "55P03"
	}
	var n net.Error
	return err != nil && (errors.As(err, &n) || pgconn.SafeToRetry(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.ErrUnexpectedEOF) ||
		strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "closed pool")) // they have no type
}
