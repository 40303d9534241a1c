package asof

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/project/chtest"
	"outrider/projections/analytics"
)

func TestAHistoryIsFoldedWithoutGaps(t *testing.T) {
	t.Parallel()
	engine := chtest.Share(t)
	ctx := t.Context()
	table := analytics.Events()
	org := uuid.New()
	began := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	renamed := func(to string) es.Payload {
		return events.OrganizationUpdated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Name: &to}
	}
	var chain es.ChainHash
	var all []*es.Event
	for i, p := range []es.Payload{events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Slug: "a", Name: "one", TimeZone: "UTC", BillingAnchor: began, Limits: commands.Plans()["starter"]},
		renamed("two"), renamed("three"), renamed("four"), renamed("five")} {
		oseq := int64(i) + 1
		data, err := es.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		e := &es.Event{ID: es.NewID(), Type: p.EventType(), Org: org, Subject: p.AggregateID(), Oseq: oseq, Pseq: oseq, Last: oseq != 4, Time: began.Add(time.Duration(oseq) * time.Minute), Data: data}
		chain, _ = es.Link(chain, e, nil)
		e.Chain = chain
		all = append(all, e)
	}
	write := func(oseq int64) {
		t.Helper()
		b, err := engine.Conn.PrepareBatch(ctx, "INSERT INTO "+table.Into)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(table.Append(b, all[oseq-1]), b.Send()); err != nil {
			t.Fatal(err)
		}
	}
	if err := analytics.Migrate(ctx, engine.Conn); err != nil {
		t.Fatal(err)
	}
	h, err := NewLive(analytics.History{Conn: engine.Conn}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var name string
	var at time.Time
	look := func() (int64, error) {
		seq, err := h.Show(ctx, org, func(o *aggregates.Organization, last time.Time) { name, at = o.Name, last })
		return seq, err
	}

	if _, err := look(); !errors.Is(err, ErrBehind) {
		t.Errorf("nothing is there, and it says %v", err)
	}
	write(1)
	write(3)
	if _, err := look(); !errors.Is(err, ErrBehind) {
		t.Errorf("the second event is missing, and it says %v", err)
	}
	write(2)
	if seq, err := look(); seq != 3 || err != nil || name != "three" || !at.Equal(began.Add(3*time.Minute)) {
		t.Errorf("got event %d %q at %s: %v", seq, name, at, err)
	}
	write(4)
	if _, err := look(); !errors.Is(err, ErrBehind) {
		t.Errorf("half a command is there, and it says %v", err)
	}
	write(5)
	var g errgroup.Group
	for range 16 { // one at a time
		g.Go(func() error {
			seq, err := h.Show(ctx, org, func(o *aggregates.Organization, _ time.Time) {
				if o.Name != "five" || o.Version != 5 {
					t.Errorf("it is %s in version %d", o.Name, o.Version)
				}
			})
			if seq != 5 {
				t.Errorf("at event %d", seq)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := h.Show(ended, org, func(*aggregates.Organization, time.Time) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
