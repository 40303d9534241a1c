// Package flags brings the flags of the installation to the organisations that they reach.
package flags

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/projections"
)

// Config is what the reactor needs.
type Config struct {
	Versions func(ctx context.Context, flag string, before, limit int) ([]*projections.FlagVersion, error)
	Flags    func(ctx context.Context) ([]*projections.Flag, error)
	Targets  func(ctx context.Context, flag string) ([]*projections.FlagTarget, error)
	Switches func(ctx context.Context, org uuid.UUID) (plan string, on []*projections.FlagSwitch, err error)
	Commands reaction.Commander
	Await    reaction.Await
	Now      func() time.Time
}

// Switcher sends a command to each organisation in which a flag, or a new plan, changes what is on.
type Switcher struct{ Config }

// NewSwitcher returns the reactor, or an error that names what is missing.
func NewSwitcher(c Config) (*Switcher, error) {
	return &Switcher{c}, reaction.Required{"versions": c.Versions != nil, "flags": c.Flags != nil, "targets": c.Targets != nil, "switches": c.Switches != nil, "commands": c.Commands != nil,
		"await": c.Await != nil, "now": c.Now != nil}.Check("flags")
}

// Reactor returns how it is run.
func (s *Switcher) Reactor() react.Reactor {
	return react.Reactor{Name: "flags", Wants: reaction.WantEvents(events.FlagCreated{}, events.FlagChanged{}, events.FlagKilled{}, events.FlagRevived{}, events.FlagScheduleReached{},
		events.OrganizationCreated{}, events.OrganizationPlanChanged{}), Handle: s.handleEvent}
}

func (s *Switcher) handleEvent(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	if f := events.As[events.FlagEvent](p); f != nil {
		return nil, s.rollOut(ctx, e, f.AggregateID())
	}
	return nil, s.switchIn(ctx, e, p)
}

// together is how many organisations are told at once.
const together = 16

// rollOut switches a flag where its newest version gives something else than the one before this event, or than what is known to be on. It relies on
// events of a flag coming in their order.
func (s *Switcher) rollOut(ctx context.Context, e *es.Event, name string) error {
	if err := s.Await.For(ctx, e, "flags"); err != nil {
		return err
	}
	newest, err := s.Versions(ctx, name, 0, 1)
	if err != nil || len(newest) == 0 {
		return err
	}
	is, err := stateOf(newest[0])
	if err != nil {
		return err
	}
	was, err := s.stateBefore(ctx, e, name)
	if err != nil {
		return err
	}
	targets, err := s.Targets(ctx, name)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(together)
	for _, t := range targets {
		on, _ := is.Reaches(t.OrgID, t.Plan)
		before := events.IsFeature(name)
		known := before
		if was != nil {
			before, _ = was.Reaches(t.OrgID, t.Plan)
		}
		if t.On != nil {
			known = *t.On
		}
		if on != before || on != known {
			g.Go(func() error { return s.switchFlag(ctx, e, t.OrgID, name, is) })
		}
	}
	return g.Wait()
}

// stateBefore returns a flag as it was before an event of it; nil = there was none.
func (s *Switcher) stateBefore(ctx context.Context, e *es.Event, name string) (*events.FlagState, error) {
	for before := 0; ; {
		list, err := s.Versions(ctx, name, before, 50)
		if err != nil || len(list) == 0 {
			return nil, err
		}
		for _, v := range list {
			if v.Oseq < e.Oseq {
				is, err := stateOf(v)
				return &is, err
			}
		}
		before = list[len(list)-1].Version
	}
}

// switchIn switches in one organisation what its plan changes. Where a flag names plans its command is always sent, as what is on there may not be known yet.
func (s *Switcher) switchIn(ctx context.Context, e *es.Event, p events.Event) error {
	if err := s.Await.For(ctx, e, "organizations", "flags"); err != nil {
		return err
	}
	flags, err := s.Flags(ctx)
	if err != nil || len(flags) == 0 {
		return err
	}
	plan, switches, err := s.Switches(ctx, e.Org)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, x := range switches {
		known[x.Flag] = x.On
	}
	_, founded := p.(events.OrganizationCreated)
	for _, f := range flags {
		is, err := stateOf(&projections.FlagVersion{Rule: f.Rule, Seed: f.Seed, Killed: f.Killed, Phase: f.Phase, Version: f.Version})
		if err != nil {
			return err
		}
		on, _ := is.Reaches(e.Org, plan)
		was, ok := known[f.Flag]
		if !ok {
			was = events.IsFeature(f.Flag)
		}
		if on == was && (founded || len(is.Rule.Plans) == 0) {
			continue
		}
		if err := s.switchFlag(ctx, e, e.Org, f.Flag, is); err != nil {
			return err
		}
	}
	return nil
}

func (s *Switcher) switchFlag(ctx context.Context, e *es.Event, org uuid.UUID, name string, is events.FlagState) error {
	why := reaction.CausedBy(e, "flags")
	why.Org = org
	_, err := reaction.Submit(ctx, s.Commands, why, es.DeriveID(e.ID, "flag", name, org.String()), s.Now(), commands.SwitchFlag{FlagRef: events.FlagRef{Flag: name}, Rule: is.Rule, Seed: is.Seed, Killed: is.Killed, Phase: is.Phase,
		Version: is.Version})
	return err
}

func stateOf(v *projections.FlagVersion) (events.FlagState, error) {
	is := events.FlagState{Seed: v.Seed, Killed: v.Killed, Phase: v.Phase, Version: v.Version}
	if err := json.Unmarshal(v.Rule, &is.Rule); err != nil {
		return is, fmt.Errorf("rule of flag %s: %w", v.Flag, err)
	}
	return is, nil
}
