package es

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
)

func scheduleAt(id, org byte, due time.Time) *Command {
	c := ordered(id, "do.schedule.v1")
	c.Org, c.Data = modelOrg(org), []byte(`"`+due.Format(time.RFC3339)+`"`)
	return c
}

func orgs(ticks []*Command) (out []uuid.UUID) {
	for _, c := range ticks {
		out = append(out, c.Org)
	}
	return out
}

func TestTicksComeWhenDueTheEarliestFirst(t *testing.T) {
	t.Parallel()
	p := newPartition(t, scriptDomain())
	if !p.owner.NextDue().IsZero() || p.owner.Ticks(modelTime) != nil {
		t.Fatal("something is due in an empty partition")
	}
	at := func(minutes int) time.Time { return modelTime.Add(time.Duration(minutes) * time.Minute) }
	for i, minutes := range []int{3, 1, 2} {
		p.run(scheduleAt(byte(i), byte(i), at(minutes)))
	}
	if due := p.owner.NextDue(); !due.Equal(at(1)) {
		t.Fatalf("next due %s", due)
	}
	if ticks := p.owner.Ticks(at(1).Add(-1)); len(ticks) != 0 {
		t.Fatalf("ticks %v too early", orgs(ticks))
	}
	ticks := p.owner.Ticks(at(2))
	if !slices.Equal(orgs(ticks), []uuid.UUID{modelOrg(1), modelOrg(2)}) {
		t.Fatalf("ticks %v", orgs(ticks))
	}
	c := ticks[0]
	if c.ID != AdvanceClockID(modelOrg(1), at(1)) || c.Type != AdvanceClockType || c.Actor.Kind != ActorClock || c.ReplyTo >= 0 || !c.Time.Equal(at(2)) {
		t.Fatalf("tick %+v", c)
	}
	if again, err := ParseCommand(CommandRecord(0, c)); err != nil || again.ID != c.ID || !again.Time.Equal(c.Time) {
		t.Fatalf("as a record: %+v, %v", again, err)
	}
}

func TestTicksAreSentAgainUntilTheyTakeEffect(t *testing.T) {
	t.Parallel()
	p := newPartition(t, scriptDomain())
	due := modelTime.Add(time.Minute)
	p.run(scheduleAt(1, 0, due))
	p.now = func() time.Time { return due }
	p.begin(scriptDomain())
	sent := p.owner.Ticks(due)
	if len(sent) != 1 || len(p.owner.Ticks(due.Add(tickRetry-1))) != 0 || !p.owner.NextDue().Equal(due.Add(tickRetry)) {
		t.Fatalf("sent %v, next due %s", orgs(sent), p.owner.NextDue())
	}
	again := p.owner.Ticks(due.Add(tickRetry))
	if len(again) != 1 || again[0].ID != sent[0].ID {
		t.Fatalf("sent again %v", orgs(again))
	}
	sent[0].ReplyTo, again[0].ReplyTo = 0, 0 // nobody waits for a tick, but this test looks
	a, _ := p.run(sent[0])
	if repeated, events := p.run(again[0]); len(events) != 0 || repeated.Pseq != a.Pseq {
		t.Fatalf("a tick that was sent twice counts twice: %+v", repeated)
	}
	if !p.owner.NextDue().IsZero() || len(p.owner.Ticks(due.Add(time.Hour))) != 0 {
		t.Fatal("it goes on though nothing is due")
	}
}

func TestTicksFollowADueTimeThatMoves(t *testing.T) {
	t.Parallel()
	p := newPartition(t, scriptDomain())
	first, later := modelTime.Add(time.Minute), modelTime.Add(time.Hour)
	p.run(scheduleAt(1, 0, first))
	p.run(scheduleAt(2, 0, later))
	if !p.owner.NextDue().Equal(later) || len(p.owner.Ticks(first)) != 0 {
		t.Fatalf("next due %s", p.owner.NextDue())
	}
	p.run(scheduleAt(3, 0, first)) // and back: it is in the heap twice now
	if !p.owner.NextDue().Equal(first) {
		t.Fatalf("next due %s", p.owner.NextDue())
	}
	if ticks := p.owner.Ticks(first); len(ticks) != 1 {
		t.Fatalf("ticks %v", orgs(ticks))
	}
	p.run(scheduleAt(4, 0, later)) // moved while the tick is under way
	if !p.owner.NextDue().Equal(later) || len(p.owner.Ticks(first.Add(tickRetry))) != 0 {
		t.Fatalf("the old tick is sent again; next due %s", p.owner.NextDue())
	}
}

func TestTicksOfTheNextOwner(t *testing.T) {
	t.Parallel()
	p := newPartition(t, scriptDomain())
	due := modelTime.Add(time.Minute)
	p.run(scheduleAt(1, 0, due))
	sent := p.owner.Ticks(due)
	p.begin(scriptDomain())
	again := p.owner.Ticks(due)
	if len(sent) != 1 || len(again) != 1 || sent[0].ID != again[0].ID {
		t.Fatalf("sent %v, the next owner %v", orgs(sent), orgs(again))
	}
}

// A clock that is a day ahead costs its sender a refusal, and nobody a day.
func TestACommandFromFarAheadIsRefusedAndTheOrganisationGoesOn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ahead   time.Duration
		outcome Outcome
		time    time.Duration // of the answer, after now
	}{
		{MaxAhead, Accepted, MaxAhead},
		{MaxAhead + time.Microsecond, Refused, 0},
		{24 * time.Hour, Refused, 0},
	} {
		p := newPartition(t, scriptDomain())
		early := ordered(1, "do.one.v1")
		early.Time = modelNow().Add(c.ahead)
		a, events := p.run(early)
		if a.Outcome != c.outcome || !a.Time.Equal(modelNow().Add(c.time)) || len(events) != 1 {
			t.Fatalf("%s ahead: %+v, %d events", c.ahead, a, len(events))
		}
		if c.outcome == Refused && (a.Code != CodeAhead || string(a.Detail) != fmt.Sprintf(`{"ahead_seconds":%d}`, int64(c.ahead.Seconds()))) {
			t.Fatalf("%s ahead: %+v", c.ahead, a)
		}
		if again, more := p.run(early); len(more) != 0 || again.Outcome != a.Outcome || again.Pseq != a.Pseq {
			t.Fatalf("asked again: %+v", again)
		}
		if next, _ := p.run(ordered(2, "do.one.v1")); next.Outcome != Accepted || !next.Time.Equal(a.Time) {
			t.Fatalf("the next: %+v", next)
		}
	}
}
