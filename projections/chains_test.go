package projections_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"outrider/events"
	"outrider/internal/audit"
	"outrider/internal/es"
	"outrider/projections"
)

// grown is what waits for a checkpoint, by organisation.
func (f *fixture) grown(t *testing.T) map[uuid.UUID]*projections.GrownChain {
	t.Helper()
	out := map[uuid.UUID]*projections.GrownChain{}
	err := pgx.BeginFunc(t.Context(), f.Pools.Projector, func(tx pgx.Tx) error {
		all, err := projections.GrownChains(t.Context(), tx, 10)
		for _, g := range all {
			out[g.OrgID] = g
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAChainIsReadAgainFromItsContent(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*es.Event){
		"data":        func(e *es.Event) { e.Data = append([]byte(" "), e.Data...) },
		"actor":       func(e *es.Event) { e.Actor.ID = "somebody else" },
		"origin":      func(e *es.Event) { e.Origin = "1.AAAA" },
		"chain value": func(e *es.Event) { e.Chain[0]++ },
		"number":      func(e *es.Event) { e.Oseq++ },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			l := newLog(t)
			whole, broken := uuid.New(), uuid.New()
			for range 3 {
				l.add(whole, events.CampaignRenamed{CampaignRef: events.CampaignRef{CampaignID: uuid.New()}, Name: "a"})
				l.add(broken, events.CampaignRenamed{CampaignRef: events.CampaignRef{CampaignID: uuid.New()}, Name: "b"})
			}
			f.store(t, l.events[:2])
			spoil(l.events[3])
			at := l.events[3].Oseq
			f.store(t, l.events[2:4])
			f.store(t, l.events[4:])
			grown := f.grown(t)
			if g := grown[whole]; len(grown) != 1 || g == nil || g.Oseq != 3 || es.ChainHash(g.Chain.Chain) != l.chain[whole] || g.Signed != 0 {
				t.Errorf("to be signed: %+v", grown)
			}
			var bad []*projections.Chain
			if err := pgx.BeginFunc(t.Context(), f.Pools.Projector, func(tx pgx.Tx) (err error) {
				bad, err = projections.BrokenChains(t.Context(), tx)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if len(bad) != 1 || bad[0].OrgID != broken || *bad[0].Broken != at {
				t.Errorf("broken: %+v", bad)
			}
		})
	}
}

func TestCheckpointsAreOnlyAdded(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ring, err := audit.NewKeyring()
	if err != nil {
		t.Fatal(err)
	}
	org := uuid.New()
	checkpoint := func(oseq, previous int64) *audit.Checkpoint {
		c := &audit.Checkpoint{Org: org, Oseq: oseq, Time: at(1), Previous: previous}
		c.Sign(ring)
		return c
	}
	add := func(c *audit.Checkpoint) error {
		return pgx.BeginFunc(t.Context(), f.Pools.Projector, func(tx pgx.Tx) error { return audit.Add(t.Context(), tx, []*audit.Checkpoint{c}) })
	}
	if err := add(checkpoint(3, 0)); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]*audit.Checkpoint{"another of the same event": checkpoint(3, 2), "a fork": checkpoint(4, 0), "one that goes back": checkpoint(2, 3)} {
		if err := add(c); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	for _, sql := range []string{`update audit.checkpoints set oseq = 4`, `delete from audit.checkpoints`, `truncate audit.checkpoints`} {
		_, err := f.Pools.Projector.Exec(t.Context(), sql)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != "42501" { // insufficient_privilege
			t.Errorf("%s: %v", sql, err)
		}
	}
	list := func(of uuid.UUID) []*audit.Checkpoint {
		return read(t, f, of, func(ctx context.Context, tx pgx.Tx) ([]*audit.Checkpoint, error) {
			return audit.List(ctx, tx, org, 0, 10, 10)
		})
	}
	if all := list(org); len(all) != 1 || all[0].Verify(ring.Public()) != nil {
		t.Errorf("stored: %+v", all)
	}
	if all := list(uuid.New()); len(all) != 0 {
		t.Errorf("another organisation sees %+v", all)
	}
	if _, err := f.Pools.API.Exec(t.Context(), `insert into audit.checkpoints select * from audit.checkpoints`); err == nil {
		t.Error("the api adds one")
	}
}
