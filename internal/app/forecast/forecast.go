// Package forecast plays an organisation's clock forward on a copy of its state: what leaves when, and when a campaign is through. It decides by the code that
// decides about real messages.
package forecast

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/internal/es/snapshot/graph"
)

// Of says what is forecast; zero ids don't narrow it.
type Of struct {
	Campaign uuid.UUID
	Mailbox  uuid.UUID
	Days     int // at most; 0 = DefaultDays
	WhatIf   WhatIf
	Runs     int    // with people who answer; 0 = as many as there is time for
	Seed     uint64 // of who answers
}

// How far and how often it is played.
const (
	DefaultDays = 60
	MostDays    = 180
	runs        = 24
	fewRuns     = 8
	manyPeople  = 5_000 // with more of them it is played less often
)

// Forecast is what is to be expected, day by day, and when it is over.
type Forecast struct {
	Zone   string
	Days   []Day
	People int // who haven't come to their end
	Finish Finish
	// Rule is the rule that binds on most days; "" = none does.
	Rule string
	Runs int
}

// Day is a day of a forecast.
type Day struct {
	Date     string
	Planned  int // if nobody answers
	Expected int // if people answer as they did
	Low      int // with that, in eight cases of ten between this
	High     int // and this
	Rule     string
}

// Finish is when the last step to the last person has left; zero = not within the days that were asked for.
type Finish struct {
	Planned       time.Time // if nobody answers
	P10, P50, P90 time.Time
}

// Forecaster copies states and plays them. It is safe for concurrent use.
type Forecaster struct{ plan *graph.Plan }

// New makes a Forecaster.
func New() (*Forecaster, error) {
	plan, err := graph.New(aggregates.NewOrganization(uuid.Nil))
	if err != nil {
		return nil, fmt.Errorf("plan copies of organisations: %w", err)
	}
	return &Forecaster{plan}, nil
}

// State is a copy of an organisation.
type State []byte

// mostBytes is the largest copy: a forecast reads it again for each time that it plays.
const mostBytes = 256 << 20

// ErrTooLarge is returned of an organisation that is too large for a forecast.
var ErrTooLarge = errors.New("organisation is too large for a forecast")

// bounded is a buffer that takes mostBytes.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > mostBytes {
		return 0, ErrTooLarge
	}
	return b.Buffer.Write(p)
}

// Copy copies an organisation, which may change afterwards.
func (f *Forecaster) Copy(o *aggregates.Organization) (State, error) {
	var b bounded
	w := bufio.NewWriter(&b)
	if err := f.plan.Write(w, o); err != nil {
		return nil, fmt.Errorf("copy organisation: %w", err)
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("copy organisation: %w", err)
	}
	return b.Bytes(), nil
}

func (f *Forecaster) restore(s State) (*aggregates.Organization, error) {
	o := aggregates.NewOrganization(uuid.Nil)
	if err := f.plan.Read(bufio.NewReader(bytes.NewReader(s)), o); err != nil {
		return nil, fmt.Errorf("restore organisation: %w", err)
	}
	return o, nil
}

// Play forecasts from a copy, as of a time. When ctx ends before it was played as often as it should be, what was played counts.
func (f *Forecaster) Play(ctx context.Context, s State, now time.Time, of Of) (Forecast, error) {
	o, err := f.restore(s)
	if err != nil {
		return Forecast{}, err
	}
	out := Forecast{Zone: zoneOf(o).String(), People: peopleOf(o, of.Campaign)}
	days := min(max(of.Days, 0), MostDays)
	if days == 0 {
		days = DefaultDays
	}
	first, err := playOnce(ctx, o, now, of, days, nil)
	if err != nil {
		return out, err
	}
	n := of.Runs
	if n == 0 {
		n = runs
		if out.People > manyPeople {
			n = fewRuns
		}
	}
	all := make([]*run, 0, n)
	for i := range n {
		if o, err = f.restore(s); err != nil {
			return out, err
		}
		r, err := playOnce(ctx, o, now, of, days, rand.New(rand.NewPCG(of.Seed+1, uint64(i)))) //nolint:gosec // chance, and no secret
		if errors.Is(err, context.DeadlineExceeded) {
			break
		}
		if err != nil {
			return out, err
		}
		all = append(all, r)
	}
	out.Runs = len(all)
	out.sum(first, all, days)
	return out, nil
}

// sum makes days and ends of what was played.
func (f *Forecast) sum(first *run, all []*run, days int) {
	last := 0
	for i := range days {
		d := Day{Date: first.dateOf(i), Planned: first.sent[i], Rule: first.ruleOf(i)}
		var sent []int
		for _, r := range all {
			sent = append(sent, r.sent[i])
		}
		if slices.Sort(sent); len(sent) > 0 {
			d.Low, d.Expected, d.High = sent[quantile(len(sent), 0.1)], sent[quantile(len(sent), 0.5)], sent[quantile(len(sent), 0.9)]
		} else {
			d.Low, d.Expected, d.High = d.Planned, d.Planned, d.Planned
		}
		if d.Planned > 0 || d.High > 0 {
			last = i
		}
		f.Days = append(f.Days, d)
	}
	f.Days = f.Days[:min(last+1, len(f.Days))]
	f.Finish.Planned = first.finish
	ends := make([]time.Time, 0, len(all))
	for _, r := range all {
		ends = append(ends, r.finish)
	}
	slices.SortFunc(ends, func(a, b time.Time) int {
		switch {
		case a.IsZero() && b.IsZero():
			return 0
		case a.IsZero():
			return 1
		case b.IsZero():
			return -1
		}
		return a.Compare(b)
	})
	if len(ends) > 0 {
		f.Finish.P10, f.Finish.P50, f.Finish.P90 = ends[quantile(len(ends), 0.1)], ends[quantile(len(ends), 0.5)], ends[quantile(len(ends), 0.9)]
	}
	binds := map[string]int{}
	for _, d := range f.Days {
		if binds[d.Rule]++; d.Rule != "" && (f.Rule == "" || binds[d.Rule] > binds[f.Rule]) {
			f.Rule = d.Rule
		}
	}
}

// quantile is the place of a quantile among n that are sorted: outwards where it falls between two.
func quantile(n int, q float64) int {
	at := q * float64(n-1)
	if q < 0.5 {
		return int(at)
	}
	if i := int(at); float64(i) < at {
		return min(i+1, n-1)
	}
	return int(at)
}
