package postgres_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/postgres"
	"outrider/internal/postgres/postgrestest"
)

// Postgres is asked in ways that break, and what pgx says of it is judged.
func TestWhatPassesIsToldFromWhatIsWrong(t *testing.T) {
	t.Parallel()
	url, ctx := postgrestest.Empty(t), t.Context()
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	_, wrong := conn.Exec(ctx, `select 1 / 0`)
	_, ended := conn.Exec(ctx, `select pg_terminate_backend(pg_backend_pid())`)
	_, after := conn.Exec(ctx, `select 1`)
	closed, err := pgxpool.New(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	_, shut := closed.Exec(ctx, `select 1`)
	for name, x := range map[string]struct {
		err  error
		want bool
	}{
		"a wrong statement":     {wrong, false},
		"an ended backend":      {ended, true},
		"a connection after it": {after, true},
		"a closed pool":         {shut, true},
		"anything else":         {errors.New("no such campaign"), false},
		"nothing":               {nil, false},
	} {
		err := x.err
		if err != nil {
			err = fmt.Errorf("read as organisation: %w", err)
		}
		if postgres.Transient(err) != x.want {
			t.Errorf("%s: %v is transient: %v", name, x.err, !x.want)
		}
	}
}
