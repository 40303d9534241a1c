package rebuild_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"outrider/internal/es/project"
	"outrider/internal/rebuild"
)

func TestLiveIsRebuiltUnderLoadAndChangesPlaces(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.tell(10)
	w.settle() // a rebuild goes as far as the live one has come
	stop := w.load()
	var g errgroup.Group // those of different projections are no business of each other
	g.SetLimit(4)
	for _, name := range w.in.Names() {
		g.Go(func() error {
			began := time.Now()
			defer func() { t.Log(name, time.Since(began)) }()
			r, err := w.in.Open(t.Context(), name)
			if err != nil {
				return err
			}
			defer r.Close()
			if p, err := r.Build(t.Context(), nil); err != nil || p.Done == 0 {
				return fmt.Errorf("%s: %+v, %w", name, p, err)
			}
			if v, err := r.Verify(t.Context()); err != nil || !v.Equal {
				return fmt.Errorf("%+v, %w", v, err)
			}
			return r.Swap(t.Context())
		})
	}
	check(t, g.Wait())
	stop()
	w.settle()
	for _, name := range []string{"usage", "messages", "analytics_events", "analytics_engagement"} { // what was put in place has gone on
		r := w.open(name)
		_, err := r.Build(t.Context(), nil)
		check(t, err)
		equal(t, r)
		check(t, r.Rollback(t.Context()))
		equal(t, r) // what came back has caught up
		r.Close()
	}
	w.tell(2)
	w.settle()
	r := w.open("messages")
	equal(t, r)
}

func equal(t *testing.T, r *rebuild.Rebuild) {
	t.Helper()
	v, err := r.Verify(t.Context())
	check(t, err)
	rows := int64(0)
	for _, x := range v.Tables {
		rows += x.Rows
		if x.Pseq == 0 {
			t.Errorf("%s was compared at its start", x.Table)
		}
	}
	if !v.Equal || rows == 0 && v.Projection != "imports" && v.Projection != "suppressions" && v.Projection != "mailboxes" && v.Projection != "meetings" && v.Projection != "inbox" {
		t.Fatalf("%+v", v)
	}
}

func TestARebuildThatWasKilledGoesOn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.in.MaxEvents = 30 // so that there is something to kill between
	w.tell(30)
	w.settle()
	for _, name := range []string{"messages", "analytics_engagement"} {
		reached := int64(0)
		for range 3 {
			r := w.open(name)
			ctx, cancel := context.WithCancel(t.Context())
			p, err := r.Build(ctx, func(p rebuild.Progress) { reached = p.Done; cancel() })
			if !errors.Is(err, context.Canceled) || p.Done < reached {
				t.Fatalf("%s: %+v, %v", name, p, err)
			}
			r.Close()
		}
		r := w.open(name)
		p, err := r.Build(t.Context(), nil)
		check(t, err)
		if p.Done != w.writers[0].Pseq+w.writers[1].Pseq {
			t.Errorf("%s: %+v", name, p)
		}
		equal(t, r)
		r.Close()
	}
}

func TestOneAtATime(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.tell(1)
	w.open("leads")
	if _, err := w.in.Open(t.Context(), "leads"); !errors.Is(err, rebuild.ErrBusy) {
		t.Errorf("got %v", err)
	}
	if _, err := w.in.Open(t.Context(), "lead"); err == nil || !strings.Contains(err.Error(), `no projection "lead"`) {
		t.Errorf("got %v", err)
	}
	if err := w.open("usage").Swap(t.Context()); err == nil || !strings.Contains(err.Error(), "rebuild usage") {
		t.Errorf("got %v", err)
	}
}

func TestWhatAnotherProgramOrMigrationMadeDoesNotComeIntoPlace(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.tell(1)
	w.settle()
	r := w.open("leads")
	_, err := r.Build(t.Context(), nil)
	check(t, err)
	w.in.Program = "another"
	if err := r.Swap(t.Context()); err == nil || !strings.Contains(err.Error(), "rebuild leads") {
		t.Errorf("what another program built: %v", err)
	}
	w.in.Program = "test"
	check(t, r.Swap(t.Context()))
	owner, err := pgx.Connect(t.Context(), w.db.OwnerURL)
	check(t, err)
	defer owner.Close(context.Background())
	_, err = owner.Exec(t.Context(), `alter table read.leads add column mood text`)
	check(t, err)
	if err := r.Rollback(t.Context()); err == nil || !strings.Contains(err.Error(), "leads.mood") {
		t.Errorf("tables of another form: %v", err)
	}
}

func TestDamageIsFound(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.tell(10)
	w.settle()
	o := org(1, 1)
	_, err := w.db.Pools.Projector.Exec(t.Context(), `update read.messages set smtp_text = 'x' where org_id = $1 and message_id = $2`, o, id(o, "message", 3))
	check(t, err)
	w.engine.Exec(`ALTER TABLE engagement UPDATE value = 'x' WHERE org = '`+o.String()+`' AND fact = 'open' SETTINGS mutations_sync = 2`,
		`ALTER TABLE engagement_days DELETE WHERE org = '`+o.String()+`' AND measure = 'replied' SETTINGS mutations_sync = 2`,
		`ALTER TABLE events UPDATE subject = 'x' WHERE org = '`+o.String()+`' AND oseq = 7 SETTINGS mutations_sync = 2`)
	for name, want := range map[string][]string{"messages": {"messages"}, "analytics_engagement": {"engagement", "engagement_days"}, "analytics_events": {"events"}} {
		r := w.open(name)
		_, err := r.Build(t.Context(), nil)
		check(t, err)
		v, err := r.Verify(t.Context())
		check(t, err)
		var found []string
		for _, d := range v.Differences {
			if d.OrgID != o {
				t.Errorf("%s: %+v", name, d)
			}
			found = append(found, d.Table)
		}
		if v.Equal || !slices.Equal(found, want) {
			t.Errorf("%s: found %v, want %v", name, found, want)
		}
		if name == "messages" && !slices.Equal(v.Differences[0].Keys, []string{o.String() + "/" + id(o, "message", 3).String()}) {
			t.Errorf("%+v", v.Differences[0])
		}
		for _, x := range v.Tables {
			if x.Equal == (x.Partition == 1 && slices.Contains(want, x.Table)) {
				t.Errorf("%+v", x)
			}
		}
		check(t, r.Swap(t.Context())) // which mends it
		_, err = r.Build(t.Context(), nil)
		check(t, err)
		equal(t, r)
		r.Close()
	}
}

func TestASwapThatWasKilledBetweenTwoTablesIsEndedByTheSameCommand(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.tell(6)
	w.settle()
	o := org(0, 1).String()
	w.engine.Exec(`ALTER TABLE engagement UPDATE value = 'former' WHERE org = '` + o + `' AND fact = 'sent' SETTINGS mutations_sync = 2`) // by which the former side is known
	r := w.open("analytics_engagement")
	_, err := r.Build(t.Context(), nil)
	check(t, err)
	broken := errors.New("killed")
	for _, at := range []string{"former/engagement_days", "/engagement", "/engagement_days"} {
		w.in.BreakOff(func(to project.Side, table string) error {
			if string(to)+"/"+table == at {
				return broken
			}
			return nil
		})
		if err := r.Swap(t.Context()); !errors.Is(err, broken) {
			t.Fatalf("%s: %v", at, err)
		}
		w.tell(1) // the live projection goes on, whatever of it was moved
		w.settle()
	}
	w.in.BreakOff(nil)
	check(t, r.Swap(t.Context()))
	formers := func() (n uint64) {
		check(t, w.engine.Conn.QueryRow(t.Context(), `SELECT count() FROM engagement FINAL WHERE value = 'former'`).Scan(&n))
		return n
	}
	if n := formers(); n != 0 {
		t.Errorf("%d rows of before are live", n)
	}
	_, err = r.Build(t.Context(), nil)
	check(t, err)
	equal(t, r)
	check(t, r.Rollback(t.Context()))
	if n := formers(); n != 6 {
		t.Errorf("%d rows of before are back, want 6", n)
	}
	w.tell(1)
	w.settle()
}
