package rebuild_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"outrider/internal/es/reader"
	"outrider/projections"
	"outrider/projections/reconcile"
)

func TestAComparisonWithTheLogFindsWhatIsDamaged(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.tell(12)
	w.settle()
	job := reconcile.Job{Partitions: partitions, Postgres: w.db.Pools.Projector, Columns: w.engine.Conn, Decode: projections.Decode, Now: time.Date(2026, 3, 9, 3, 0, 0, 0, time.UTC),
		Scan: func(ctx context.Context, cfg reader.Config, to int64, fn func(context.Context, reader.Batch) error) error {
			_, _, err := reader.Scan(ctx, w.in.Log, cfg, to, fn)
			return err
		}}
	differ := func() (out []string) {
		t.Helper()
		results, err := job.Run(t.Context())
		check(t, err)
		if len(results) != partitions {
			t.Fatalf("%d organisations were compared", len(results))
		}
		for _, r := range results {
			for _, c := range r.Checks {
				if len(c.Log) == 0 && slices.Contains([]string{"leads", "messages", "hits", "events", "engagement"}, c.Name) {
					t.Errorf("%s compared nothing", c.Name)
				}
				if !c.Agrees {
					if r.OrgID != org(1, 1) {
						t.Errorf("%+v of %s", c, r.OrgID)
					}
					out = append(out, c.Name)
				}
			}
		}
		return out
	}
	if d := differ(); len(d) != 0 {
		t.Fatalf("before anything was damaged: %v", d)
	}
	o := org(1, 1)
	for _, sql := range []string{
		`update read.leads set erased_at = null where org_id = $1 and lead_id = $2`,
		`delete from read.message_hits where org_id = $1 and hit_id = $3`,
	} {
		_, err := w.db.Pools.Projector.Exec(t.Context(), sql+` and $2::uuid is not null and $3::uuid is not null`, o, id(o, "lead", 2), id(o, "hit", 1))
		check(t, err)
	}
	if d := differ(); !slices.Equal(d, []string{"leads", "hits"}) {
		t.Errorf("in Postgres: %v", d)
	}
	w.engine.Exec(`ALTER TABLE events UPDATE data = 'x' WHERE org = '`+o.String()+`' AND oseq = 7 SETTINGS mutations_sync = 2`,
		`ALTER TABLE engagement DELETE WHERE org = '`+o.String()+`' AND fact = 'reply' SETTINGS mutations_sync = 2`)
	if d := differ(); !slices.Equal(d, []string{"leads", "hits", "events", "engagement", "rollups"}) {
		t.Errorf("in ClickHouse: %v", d)
	}
	if again, err := job.RunAfter(t.Context(), time.Hour); err != nil || len(again) != 0 {
		t.Errorf("the newest results are young, but it ran again: %v, %v", again, err)
	}
	job.Now = job.Now.Add(2 * time.Hour)
	if again, err := job.RunAfter(t.Context(), time.Hour); err != nil || len(again) != partitions {
		t.Errorf("%v, %v", again, err)
	}
}
