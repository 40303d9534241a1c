package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// flagPause is between two changes of flags.
const flagPause = 700 * time.Millisecond

// turnFlags plays an operator who gives features to some organisations and takes them away, until the load ends.
func (l *load) turnFlags(ctx context.Context) {
	chance := rand.New(rand.NewPCG(l.s.cfg.Seed, 79))
	asker := newAsker(l.s.url, l.elapsed, &l.counts)
	l.untilEnd(ctx, flagPause, func() {
		r := request{what: "turn flag", key: l.platform, scope: es.SystemOrg, once: l.nextName("flag"), contentType: "application/json"}
		path := "/v1/platform/flags/" + pickOne(chance, []string{"chaos_one", "chaos_two"})
		switch chance.IntN(6) {
		case 0:
			r.method, r.path, r.body = http.MethodPost, path+"/kill", encodeBody(map[string]any{"reason": "chaos"})
		case 1:
			r.method, r.path, r.body = http.MethodPost, path+"/revive", encodeBody(map[string]any{"reason": "chaos"})
		default:
			r.method, r.path, r.body = http.MethodPut, path, encodeBody(l.flagRule(chance))
		}
		_, _, _ = asker.askUntilAnswered(ctx, r) // the log says what came of it
	})
}

func (l *load) flagRule(chance *rand.Rand) map[string]any {
	rule := map[string]any{"enabled": chance.IntN(5) > 0, "rollout": chance.IntN(5) * 2500}
	if chance.IntN(2) == 0 {
		rule["plans"] = []string{pickOne(chance, []string{"chaos", "enterprise", "starter", "growth"})}
	}
	if chance.IntN(3) == 0 {
		rule["organizations"] = []uuid.UUID{pickOne(chance, l.senders).id}
	}
	return rule
}

// flags is what the log says of them.
type flags struct {
	state  map[string]events.FlagState
	plan   map[uuid.UUID]string // by organisation
	turned map[uuid.UUID]map[string]bool
}

func newFlags() flags {
	return flags{map[string]events.FlagState{}, map[uuid.UUID]string{}, map[uuid.UUID]map[string]bool{}}
}

// see takes what changes a flag, or whom it reaches.
func (f flags) see(e *es.Event) {
	var of struct {
		events.FlagRule
		Flag  string    `json:"flag"`
		Phase string    `json:"phase"`
		Seed  uuid.UUID `json:"seed"`
		On    bool      `json:"on"`
		Plan  string    `json:"plan"`
	}
	if es.Unmarshal(e.Data, &of) != nil {
		return
	}
	is := f.state[of.Flag]
	switch e.Type {
	case "organization.created.v1", "organization.created.v2", "organization.plan_changed.v1", "organization.plan_changed.v2":
		f.plan[e.Org] = of.Plan
		return
	case "flag.switched.v1":
		if f.turned[e.Org] == nil {
			f.turned[e.Org] = map[string]bool{}
		}
		f.turned[e.Org][of.Flag] = of.On
		return
	case "flag.created.v1":
		is.Seed, is.Rule, is.Phase = of.Seed, of.FlagRule, of.Phase
	case "flag.changed.v1":
		is.Rule, is.Phase = of.FlagRule, of.Phase
	case "flag.killed.v1":
		is.Killed = true
	case "flag.revived.v1":
		is.Killed = false
	case "flag.schedule_reached.v1":
		is.Phase = of.Phase
	default:
		return
	}
	f.state[of.Flag] = is
}

// differences are the organisations whose history has a flag otherwise than its newest rule.
func (f flags) differences() (out []string) {
	for org, plan := range f.plan {
		for name, is := range f.state {
			if on, why := is.Reaches(org, plan); on != f.turned[org][name] {
				out = append(out, fmt.Sprintf("flag %s is %t for organisation %s on plan %s (%s), and %t in its history", name, on, org, plan, why, !on))
			}
		}
	}
	return out
}

// settleFlags waits until every organisation has what the newest rules give it: with processors, as it is told by commands.
func (s *system) settleFlags(ctx context.Context) error {
	if !s.turnsFlags {
		return nil
	}
	return s.awaitEmpty(ctx, func() (int, error) {
		x, err := s.auditLog(ctx, &Result{})
		if err != nil {
			return 0, err
		}
		return len(x.flags.differences()), nil
	})
}
