package catchup

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/engines/enginestest"
	"outrider/internal/es"
	"outrider/internal/es/logtest"
	"outrider/internal/es/project"
	"outrider/internal/es/reader"
	"outrider/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { enginestest.Main(m) }

// TestWhatIsLateIsWaitedFor: a read model that stands still is waited for to come to the newest event of the organisation's partition, however far it had come.
func TestWhatIsLateIsWaitedFor(t *testing.T) {
	t.Parallel()
	db, log := postgrestest.New(t), logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	key := project.ProjectionKey{Name: "a", Version: 1}
	var asked []int64
	r := Reader{Pool: db.Pools.API, Log: log, Wait: func(_ context.Context, k project.ProjectionKey, partition int32, pseq int64) error {
		if k != key || partition != 0 {
			t.Errorf("%s on partition %d is waited for", k, partition)
		}
		asked = append(asked, pseq)
		return nil
	}, Key: func(name string) project.ProjectionKey { return project.ProjectionKey{Name: name, Version: 1} }, AtMost: time.Minute}
	catchUp := func(want int64) {
		t.Helper()
		if err := r.CatchUp(t.Context(), uuid.New(), key.Name); err != nil {
			t.Fatal(err)
		}
		if got := asked[len(asked)-1]; got != want {
			t.Errorf("waited for %d, want %d", got, want)
		}
	}
	newest := func() int64 { return w.Events[len(w.Events)-1].Pseq }
	catchUp(0) // there is nothing
	w.Fill(5)
	catchUp(newest()) // it has never run

	positions := &project.Positions{Pool: db.Pools.Projector}
	shared, err := reader.OpenShared(reader.SharedConfig{Log: log, Bytes: 500_000})
	if err != nil {
		t.Fatal(err)
	}
	defer shared.Close()
	rd, err := reader.Join(shared, log)
	if err != nil {
		t.Fatal(err)
	}
	defer rd.Close()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		(&project.Postgres{Log: log, Pool: db.Pools.Projector, Positions: positions, Projections: []project.Projection{{Name: key.Name, Version: key.Version,
			Handle: func(context.Context, pgx.Tx, []*es.Event) error { return nil }}}}).Run(ctx, rd, 0)
	}()
	if err := positions.Wait(t.Context(), key, 0, newest()); err != nil {
		t.Fatal(err)
	}
	stop()
	<-done
	catchUp(newest()) // it is there
	w.Fill(5)
	catchUp(newest()) // it stands still
}
