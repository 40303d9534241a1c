package rebuild_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/internal/rebuild"
)

func TestAPoisonEventStopsOneProjectionUntilItIsSkippedForEver(t *testing.T) {
	t.Parallel()
	bad := id(org(1, 1), "message", 2)
	w := build(t, func(projection string, e *es.Event) bool {
		return projection == "messages" && e.Type == "message.sent.v3" && strings.Contains(string(e.Data), bad.String())
	})
	w.run()
	w.tell(5)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for _, other := range []string{"leads", "timeline", "usage"} { // which go on
		check(t, w.positions.Wait(ctx, project.ProjectionKey{Name: other, Version: 1}, 1, w.writers[1].Pseq))
	}
	check(t, w.positions.Wait(ctx, project.ProjectionKey{Name: "messages", Version: 1}, 0, w.writers[0].Pseq)) // as does the other partition
	var stopped []project.Stopped
	for len(stopped) == 0 && ctx.Err() == nil {
		var err error
		stopped, err = project.ListStopped(ctx, w.db.Pools.API)
		check(t, err)
	}
	var poison *es.Event
	for _, e := range w.writers[1].Events {
		if e.Type == "message.sent.v3" && strings.Contains(string(e.Data), bad.String()) {
			poison = e
		}
	}
	if len(stopped) != 1 || stopped[0].Projection != "messages" || stopped[0].Partition != 1 || stopped[0].Pseq != poison.Pseq || stopped[0].EventID != poison.ID || !strings.Contains(stopped[0].Error, "can't be borne") {
		t.Fatalf("%+v", stopped)
	}

	if _, err := w.in.Skip(ctx, "messages", 1, poison.Pseq+1, "why not"); !errors.Is(err, rebuild.ErrNotStopped) {
		t.Errorf("an event that stops nothing: %v", err)
	}
	if _, err := w.in.Skip(ctx, "messages", 1, poison.Pseq, " "); err == nil {
		t.Error("it was skipped without a reason")
	}
	s, err := w.in.Skip(ctx, "messages", 1, poison.Pseq, "a test")
	check(t, err)
	if s.EventID != poison.ID || s.Reason != "a test" {
		t.Errorf("%+v", s)
	}
	w.settle()
	all, err := w.in.Status(ctx)
	check(t, err)
	for slices.ContainsFunc(all, func(x rebuild.Standing) bool { return len(x.Stopped) > 0 }) { // forgotten once what follows is shown
		time.Sleep(10 * time.Millisecond)
		all, err = w.in.Status(ctx)
		check(t, err)
	}
	for _, x := range all {
		if (len(x.Skipped) == 1) != (x.Projection == "messages") {
			t.Errorf("%+v", x)
		}
	}
	states := map[string]int{}
	rows, err := w.db.Pools.Projector.Query(ctx, `select state from read.messages where org_id = $1`, org(1, 1))
	check(t, err)
	for rows.Next() {
		var state string
		check(t, rows.Scan(&state))
		states[state]++
	}
	if states["sent"] != 4 || states["drafted"] != 1 { // nothing but that event is missing
		t.Errorf("%v", states)
	}
	r := w.open("messages")
	_, err = r.Build(ctx, nil)
	check(t, err)
	equal(t, r) // the rebuild passes over it too
}
