package experiments

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/app/asof"
	"outrider/internal/audit"
	"outrider/internal/es"
	"outrider/projections/analytics"
)

const page = 5000 // events of one read

// FromLog judges an experiment by the copy of the log in ClickHouse, all of it, checked against its chain: one that is damaged is refused.
func FromLog(ctx context.Context, log analytics.History, org, experiment uuid.UUID, s events.EvaluationSettings) (events.ExperimentEvaluated, error) {
	return Evaluate(verified(ctx, log, org), experiment, s)
}

func verified(ctx context.Context, log analytics.History, org uuid.UUID) iter.Seq2[*es.Event, error] {
	return func(yield func(*es.Event, error) bool) {
		var v es.ChainVerifier
		for {
			list, err := log.Range(ctx, org, v.Oseq+1, v.Oseq+page, page)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, e := range list {
				if e.Oseq != v.Oseq+1 {
					yield(nil, fmt.Errorf("%w: history of %s goes from event %d to %d", asof.ErrBehind, org, v.Oseq, e.Oseq))
					return
				}
				if err := v.Follow(e); err != nil {
					yield(nil, fmt.Errorf("%w: %w", asof.ErrDamaged, err))
					return
				}
				if !yield(e, nil) {
					return
				}
			}
			if len(list) < page {
				return
			}
		}
	}
}

// Standing judges an experiment as it does itself, by what the log has now of its own and its campaign's events. It doesn't check the chain
// and reads only what it needs, so it is quick; it is not kept.
func Standing(ctx context.Context, log analytics.History, org, experiment, campaign uuid.UUID) (events.ExperimentEvaluated, error) {
	types := make([]string, 0, len(wanted))
	for t := range wanted {
		if t != leadCreated && t != leadUpdated {
			types = append(types, t)
		}
	}
	f := NewFold(experiment)
	var out events.ExperimentEvaluated
	for e, err := range log.About(ctx, org, types, experiment, campaign) {
		if err != nil {
			return out, err
		}
		if err := f.applyAll([]*es.Event{e}, &out); err != nil {
			return out, err
		}
		out.Settings.AsOf = e.Time
	}
	if f.plan == nil || f.started.IsZero() {
		return out, ErrUnknown
	}
	out.ExperimentID, out.Settings = experiment, f.Defaults(out.Settings.AsOf)
	var err error
	out.Verdict, err = f.Verdict(out.Settings)
	return out, err
}

var leadCreated, leadUpdated = events.LeadCreated{}.EventType(), events.LeadUpdated{}.EventType() //nolint:gochecknoglobals // constants

// FromExport judges an experiment by an exported history alone, which is verified to its end first. It must hold the history from its
// first event on.
func FromExport(file io.ReadSeeker, keys audit.TrustedKeys, org, experiment uuid.UUID, s events.EvaluationSettings) (out events.ExperimentEvaluated, err error) {
	head, err := audit.Verify(file, keys, org)
	if err != nil {
		return out, fmt.Errorf("the export is not what was written: %w", err)
	}
	if head.First != 1 {
		return out, fmt.Errorf("the export begins with event %d; judging needs all events from the first on", head.First)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return out, fmt.Errorf("read export again: %w", err)
	}
	return Evaluate(audit.Events(file, keys, org), experiment, s)
}
