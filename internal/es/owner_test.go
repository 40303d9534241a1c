package es

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Every outcome leaves events, and repeats: to the owner that gave it, and to the next that has only read the log.
func TestOwnerAnswers(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		outcome Outcome
		code    string
		events  []string
		report  string
	}{
		"do.one.v1":              {Accepted, "", []string{"script.done.v1"}, ""},
		"do.two.v1":              {Accepted, "", []string{"script.done.v1", "script.done.v1"}, ""},
		"do.tell.v1":             {Accepted, "", []string{"script.told.v1"}, ""},
		"do.nothing.v1":          {Noop, "", []string{"command.noop.v1"}, ""},
		"do.refuse.v1":           {Refused, "not_now", []string{"command.refused.v1"}, ""},
		"do.fault.v1":            {Refused, CodeInternal, []string{"command.refused.v1"}, "disk on fire"},
		"do.panic.v1":            {Refused, CodeInternal, []string{"command.refused.v1"}, "at the disco"},
		"do.nil.v1":              {Refused, CodeInternal, []string{"command.refused.v1"}, "nil pointer"},
		"do.unstorable.v1":       {Refused, CodeInternal, []string{"command.refused.v1"}, "NaN"},
		"do.unheard.v1":          {Refused, CodeInternal, []string{"command.refused.v1"}, "unknown event type script.unheard.v1"},
		"do.large.v1":            {Refused, codeTooLarge, []string{"command.refused.v1"}, ""},
		"do.refuse_at_length.v1": {Refused, "too_long_a_story", []string{"command.refused.v1"}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPartition(t, scriptDomain())
			a, appended := p.run(ordered(1, name))
			var types []string
			for _, r := range appended {
				e, err := ParseLog(r)
				if err != nil {
					t.Fatal(err)
				}
				types = append(types, e.Event.Type)
			}
			if a.Outcome != c.outcome || a.Code != c.code || !reflect.DeepEqual(types, c.events) {
				t.Fatalf("%+v with %v", a, types)
			}
			if reported := strings.Join(p.reports, "\n"); (c.report == "") != (reported == "") || !strings.Contains(reported, c.report) {
				t.Fatalf("reported %q, want %q", reported, c.report)
			}
			if again, more := p.run(ordered(1, name)); !reflect.DeepEqual(again, a) || len(more) > 0 {
				t.Fatalf("at a repeat:\n%+v, first\n%+v", again, a)
			}
			if ask, more := p.run(ordered(1, AskType)); !reflect.DeepEqual(ask, a) || len(more) > 0 {
				t.Fatalf("asked:\n%+v, first\n%+v", ask, a)
			}
			if b, more := p.run(ordered(2, "do.one.v1")); b.Outcome != Accepted || len(more) != 1 {
				t.Fatalf("the partition doesn't go on: %+v", b)
			}
			p.begin(scriptDomain())
			if again, more := p.run(ordered(1, name)); !reflect.DeepEqual(again, a) || len(more) > 0 {
				t.Fatalf("from the next owner:\n%+v, first\n%+v", again, a)
			}
		})
	}
}

func TestOwnerRefusesAKeyThatWasReused(t *testing.T) {
	t.Parallel()
	p := newPartition(t, scriptDomain())
	first, other := ordered(1, "do.one.v1"), ordered(1, "do.two.v1")
	first.Fingerprint, other.Fingerprint = 7, 8
	a, _ := p.run(first)
	for range 2 {
		b, events := p.run(other)
		if b.Outcome != Refused || b.Code != CodeKeyReused || b.CommandID != first.ID || len(events) != 0 {
			t.Fatalf("%+v, %d events", b, len(events))
		}
		if c, _ := p.run(first); !reflect.DeepEqual(c, a) {
			t.Fatalf("%+v, want %+v", c, a)
		}
		p.begin(scriptDomain())
	}
}

func TestOwnerKnowsWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	p := newPartition(t, scriptDomain())
	if a, events := p.run(ordered(1, AskType)); a.Outcome != Unknown || len(events) != 0 {
		t.Fatalf("%+v", a)
	}
	if a, _ := p.run(ordered(1, "do.one.v1")); a.Outcome != Accepted {
		t.Fatalf("an ask used the id up: %+v", a)
	}
}

// An answer, a repeat's and an ask's too, waits for all that it rests on; answers leave in the order of the commands.
func TestOwnerReleasesInOrder(t *testing.T) {
	t.Parallel()
	p := newPartition(t, scriptDomain())
	var s Step
	quiet := ordered(3, "do.one.v1")
	quiet.ReplyTo = -1
	for _, c := range []*Command{ordered(1, "do.two.v1"), ordered(1, "do.two.v1"), ordered(2, "do.refuse.v1"), quiet, ordered(9, AskType)} {
		step := p.command(c)
		if len(step.Replies) > 0 {
			t.Fatalf("answered %v before the log shows it", step.Replies)
		}
		s = merge(s, step)
	}
	if p.owner.InFlight() != 4 || len(s.Append) != 4 {
		t.Fatalf("%d in flight, %d appended", p.owner.InFlight(), len(s.Append))
	}
	want := [][]uuid.UUID{nil, {modelCommand(1), modelCommand(1)}, {modelCommand(2)}, {modelCommand(9)}}
	for i, r := range s.Append {
		e, _ := ParseLog(r)
		if e.Event.Pseq != int64(i+1) || e.Event.Oseq != int64(i+1) {
			t.Fatalf("record %d has pseq %d, oseq %d", i, e.Event.Pseq, e.Event.Oseq)
		}
		var got []uuid.UUID
		for _, reply := range p.owner.Log(p.put(r)).Replies {
			got = append(got, reply.Answer.CommandID)
		}
		if !reflect.DeepEqual(got, want[i]) {
			t.Fatalf("record %d releases %v, want %v", i, got, want[i])
		}
	}
	if p.owner.InFlight() != 0 {
		t.Fatalf("%d in flight", p.owner.InFlight())
	}
}

func TestOwnerIsOver(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		do    func(*partition, Step)
		why   string
		fatal error
	}{
		"fenced, with events of the new owner in the same fetch": {func(p *partition, s Step) {
			foreign := []*kgo.Record{fenceRecord(0, 2), eventRecord(0, 2, 1, true), eventRecord(0, 2, 2, true), s.Append[0], s.Append[1]}
			for _, r := range foreign {
				if step := p.owner.Log(p.put(r)); len(step.Replies)+len(step.Append) > 0 {
					p.t.Errorf("still acts: %+v", step)
				}
			}
		}, "fenced by another owner at epoch 2", nil},
		"own record void": {func(p *partition, s Step) { p.owner.Log(p.put(s.Append[1])) }, "our record with pseq 2 is void", nil},
		"append failed":   {func(p *partition, _ Step) { p.owner.Fail(errors.New("no broker")) }, "append: no broker", nil},
		"left":            {func(p *partition, _ Step) { p.owner.Leave("revoked") }, "revoked", nil},
		"records gone": {func(p *partition, s Step) {
			r := s.Append[1]
			r.Offset = 5
			p.owner.Log(r)
		}, "offsets 1 to 4 are gone", ErrLoss},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPartition(t, scriptDomain())
			s := p.command(ordered(1, "do.two.v1"))
			c.do(p, s)
			why, fatal := p.owner.Over()
			if !strings.Contains(why, c.why) || !errors.Is(fatal, c.fatal) || p.owner.Owns() {
				t.Fatalf("over: %q, %v", why, fatal)
			}
			if replies := p.land(merge(s, p.command(ordered(2, "do.one.v1")))); len(replies) > 0 {
				t.Fatalf("answers %v", replies)
			}
			if p.owner.Ticks(modelTime) != nil {
				t.Fatal("ticks")
			}
			if p.owner.Leave("again"); why != first(p.owner.Over()) {
				t.Fatal("the first reason is lost")
			}
		})
	}
}

func first(s string, _ error) string { return s }

func TestOwnerBegins(t *testing.T) {
	t.Parallel()
	fold := func() *Fold {
		f := NewFold(scriptDomain())
		for i := range int64(3) {
			if _, _, err := f.See(fenceRecord(i, i+1)); err != nil {
				t.Fatal(err)
			}
		}
		return f
	}
	cases := map[string]struct {
		start, end int64
		why        string
	}{
		"at the log's end":              {0, 3, ""},
		"behind a snapshot":             {2, 9, ""},
		"with a raised log start":       {4, 9, "begins at offset 4, but this owner knows it only up to 3"},
		"with a log that was truncated": {0, 2, "ends at offset 2, but its snapshot was taken at 3"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := NewOwner(OwnerConfig{Partitions: 1, Domain: scriptDomain(), Nonce: uuid.New, Now: modelNow}, fold())
			s := o.Begin(c.start, c.end)
			why, fatal := o.Over()
			if (c.why == "") != (fatal == nil) || !strings.Contains(why, c.why) || c.why != "" && !errors.Is(fatal, ErrLoss) {
				t.Fatalf("over: %q, %v", why, fatal)
			}
			if fences := len(s.Append); c.why == "" && fences != map[bool]int{true: 1}[c.end == 3] {
				t.Fatalf("%d fences", fences)
			}
		})
	}
}

// Another's fence came first: the next attempt has the next epoch and another nonce, and only its own fence makes it own.
func TestOwnerFencesAgain(t *testing.T) {
	t.Parallel()
	o := NewOwner(OwnerConfig{Partitions: 1, Domain: scriptDomain(), Nonce: uuid.New, Now: modelNow}, NewFold(scriptDomain()))
	mine := o.Begin(0, 0).Append
	s := o.Log(fenceRecord(0, 1))
	if len(s.Append) != 1 || s.Acquired {
		t.Fatalf("%+v", s)
	}
	a, _ := ParseLog(mine[0])
	b, _ := ParseLog(s.Append[0])
	if b.Epoch != 2 || a.Nonce == b.Nonce {
		t.Fatalf("epoch %d, nonces %s and %s", b.Epoch, a.Nonce, b.Nonce)
	}
	mine[0].Offset, s.Append[0].Offset = 1, 2
	if s := o.Log(mine[0]); s.Acquired || len(s.Append) > 0 {
		t.Fatalf("the late first fence: %+v", s)
	}
	if s := o.Log(s.Append[0]); !s.Acquired || !o.Owns() {
		t.Fatalf("%+v", s)
	}
}

func TestOwnerReportsMalformedAndMissingCommands(t *testing.T) {
	t.Parallel()
	p := newPartition(t, scriptDomain())
	p.owner.cfg.Partitions = 64
	wrong := ordered(1, "do.one.v1")
	for PartitionOf(wrong.Org, 64) == 0 {
		wrong.Org = DeriveID(wrong.Org)
	}
	if s := p.command(wrong); len(s.Append)+len(s.Replies) > 0 {
		t.Fatalf("decided in the wrong partition: %+v", s)
	}
	p.owner.cfg.Partitions = 1
	bad := CommandRecord(0, ordered(1, "do.one.v1"))
	bad.Headers, bad.Offset = bad.Headers[:1], p.commands
	p.commands++
	if s := p.owner.Command(bad); len(s.Append)+len(s.Replies) > 0 {
		t.Fatalf("decided: %+v", s)
	}
	p.commands += 3
	if a, _ := p.run(ordered(2, "do.one.v1")); a.Outcome != Accepted {
		t.Fatalf("%+v", a)
	}
	want := []string{"does not belong to this partition", "malformed record", "commands are missing"}
	for i, w := range want {
		if i >= len(p.reports) || !strings.Contains(p.reports[i], w) {
			t.Fatalf("reported %q, want %q", p.reports, w)
		}
	}
	bad.Offset = 0
	if s := p.owner.Command(bad); len(s.Append)+len(s.Replies) > 0 || len(p.reports) != len(want) {
		t.Fatal("a command that was fetched again is looked at again")
	}
}

func TestOwnerStartsBehindTheNewestCompleteCommand(t *testing.T) {
	t.Parallel()
	p := newPartition(t, scriptDomain())
	if at, _, _, known := p.owner.Start(); at != 0 || known {
		t.Fatalf("start %d, known %v", at, known)
	}
	p.run(ordered(1, "do.one.v1"))
	p.run(ordered(2, "do.refuse.v1"))
	s := p.command(ordered(3, "do.two.v1"))
	p.put(s.Append[0]) // the second event never comes
	p.begin(scriptDomain())
	at, id, when, known := p.owner.Start()
	if at != 2 || id != modelCommand(2) || !when.Equal(modelTime) || !known {
		t.Fatalf("start %d after %s at %s, known %v", at, id, when, known)
	}
	p.owner.Rewind(1)
	if at, _, _, _ := p.owner.Start(); at != 1 {
		t.Fatalf("start %d after Rewind", at)
	}
	p.commands = 1
	if a, events := p.run(ordered(2, "do.refuse.v1")); a.Code != "not_now" || len(events) > 0 {
		t.Fatalf("%+v", a)
	}
}

// Decide never sees an organisation's time go back.
func TestOwnerTimeIsMonotonic(t *testing.T) {
	t.Parallel()
	p := newPartition(t, scriptDomain())
	p.run(ordered(1, "do.one.v1"))
	early := ordered(2, "do.one.v1")
	early.Time = modelTime.Add(-time.Hour)
	if a, _ := p.run(early); !a.Time.Equal(modelTime) {
		t.Fatalf("time %s", a.Time)
	}
}

// Text that can't be stored must not stop the partition, wherever in the answer it would stand.
func TestOwnerAnswersToTextThatIsNoText(t *testing.T) {
	t.Parallel()
	for _, commandType := range []string{"do.\xff.v1", "do.nothing.v1\xff", "do.refuse_oddly.v1", strings.Repeat("x", maxData+1)} {
		p := newPartition(t, scriptDomain())
		a, _ := p.run(ordered(1, commandType))
		if a.Outcome == Accepted {
			t.Fatalf("%.40q: %+v", commandType, a)
		}
		p.begin(scriptDomain())
		if again, _ := p.run(ordered(1, commandType)); !reflect.DeepEqual(again, a) {
			t.Fatalf("%.40q: from the next owner:\n%+v, first\n%+v", commandType, again, a)
		}
	}
}
