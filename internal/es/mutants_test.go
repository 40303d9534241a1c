package es

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
)

// mutant is a way to get the protocol wrong, done around the real code so that the real code has no switch for it.
type mutant struct {
	answerEarly      bool // an answer leaves when it is decided
	repeatEarly      bool // an answer to a repeat leaves at once
	ignoreEpoch      bool // a counted foreign fence doesn't end the owner; what it waits for leaves when the log gets there
	ignoreVoid       bool // an own record that is void is no reason to step down
	sameName         bool // every fence of every owner carries the same nonce
	saveSpeculative  bool // a snapshot of an owner's state, what is in flight included
	checkpointInside bool // readers take checkpoints inside a command
	restartPartial   bool // commands are read from behind the newest valid event, even of an unfinished command
	silentRefusal    bool // a refusal leaves no event
	forgetIDs        bool // a new owner doesn't know the command ids that its snapshot knew
}

func (m *mutant) nonce(i, attempt int) uuid.UUID {
	if m.sameName {
		i, attempt = 0, 0
	}
	return V8([]byte{'n', byte(i), byte(attempt), 15: 0})
}

func (m *mutant) log(w *world, o *Owner, r *kgo.Record) Step {
	waiting, owned := o.waiting, o.Owns()
	s := o.Log(r)
	why, _ := o.Over()
	if owned && (m.ignoreEpoch && strings.HasPrefix(why, "fenced") || m.ignoreVoid && strings.HasSuffix(why, "void")) {
		o.over, o.waiting = "", waiting
	}
	if s.Acquired && m.restartPartial {
		var rule Rule
		for _, r := range w.log[:o.fold.Next] {
			e, err := ParseLog(r)
			if err != nil {
				continue
			}
			if v, _ := rule.See(&e); v == Pending || v == Counted {
				o.next = e.Event.CommandOffset + 1
			}
		}
	}
	return s
}

func (m *mutant) command(_ *world, o *Owner, r *kgo.Record) Step {
	if m.silentRefusal {
		if s, ok := decideSilently(o, r); ok {
			return s
		}
	}
	c, err := ParseCommand(r)
	known := false
	if err == nil {
		_, _, known = o.fold.organizationOf(c.Org).ids.answerTo(c.ID, 0)
	}
	s := o.Command(r)
	if len(o.waiting) > 0 && (m.answerEarly || m.repeatEarly && known) {
		n := len(o.waiting) - 1
		s.Replies = append(s.Replies, o.waiting[n].reply)
		o.waiting = slices.Clone(o.waiting[:n])
	}
	return s
}

// decideSilently answers a refusal without its event; ok is false for everything else.
func decideSilently(o *Owner, r *kgo.Record) (Step, bool) {
	try := cloneOwner(o)
	s := try.Command(r)
	if len(s.Append) != 1 || s.Append[0].Headers[2].Key != hType || string(s.Append[0].Headers[2].Value) != (CommandRefused{}).EventType() {
		return Step{}, false
	}
	refusal := try.waiting[len(try.waiting)-1].reply
	o.next = r.Offset + 1
	o.waiting = append(o.waiting, waitingReply{o.pseq, refusal})
	if o.pseq <= o.fold.Rule.Complete {
		return Step{Replies: o.releaseReplies()}, true
	}
	return Step{}, true
}

// Every mutant must be caught, by the shortest history that breaks a promise.
func TestModelCatchesMutants(t *testing.T) {
	t.Parallel()
	one := []asked{{id: 1, places: 1, refusedBy: 'B'}}
	two := []asked{{id: 1, places: 2, refusedBy: 'B'}}
	both := []asked{{id: 1, places: 1, refusedBy: 'B'}, {id: 2, places: 2, refusedBy: 'A'}}
	repeated := []asked{{id: 1, places: 1}, {id: 1, places: 1}}
	cases := map[string]scenario{
		"an answer leaves when it is decided":               {commands: one, mutant: mutant{answerEarly: true}},
		"a repeat is answered before the first is counted":  {commands: repeated, mutant: mutant{repeatEarly: true}},
		"release ignores the epoch":                         {commands: one, mutant: mutant{ignoreEpoch: true}},
		"an own void record is ignored":                     {commands: both, losses: 1, mutant: mutant{ignoreVoid: true}},
		"every fence carries the same name":                 {commands: one, mutant: mutant{sameName: true}},
		"a snapshot holds speculative state":                {commands: one, crashes: 1, mutant: mutant{saveSpeculative: true}},
		"a checkpoint lies inside a command":                {commands: two, mutant: mutant{checkpointInside: true}},
		"commands go on behind an unfinished command":       {commands: two, mutant: mutant{restartPartial: true}},
		"a refusal leaves no event":                         {commands: one, mutant: mutant{silentRefusal: true}},
		"a new owner forgets the ids that its snapshot had": {commands: repeated, mutant: mutant{forgetIDs: true}},
	}
	for name, sc := range cases {
		t.Run(name, func(t *testing.T) {
			sc.name, sc.quota, sc.starts = name, 3, 2
			every := 0 // most break another promise before that of progress
			if sc.mutant.ignoreVoid || sc.mutant.restartPartial {
				every = 8
			}
			r := explore(&sc, limits{states: 200_000, sample: every})
			if r.err == nil {
				t.Fatalf("not caught in %d states to depth %d", r.states, r.depth)
			}
			t.Logf("caught after %d states, %d steps: %v\n%s", r.states, len(r.trace), r.err, strings.Join(r.trace[:min(len(r.trace), 20)], "\n"))
			sc.mutant = mutant{}
			if r := explore(&sc, limits{states: r.states, sample: every}); r.err != nil {
				t.Errorf("without the mutant: %v\n%s", r.err, strings.Join(r.trace, "\n"))
			}
		})
	}
}
