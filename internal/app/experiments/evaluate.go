package experiments

import (
	"iter"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/buildinfo"
	"outrider/internal/es"
)

// Evaluate judges an experiment by a history whose events are verified and come in order, the first first. An instant that the history
// hasn't passed yet is moved back to just before its newest event: what happens at that very time may not be complete, and a verdict
// holds for ever.
func Evaluate(history iter.Seq2[*es.Event, error], experiment uuid.UUID, s events.EvaluationSettings) (events.ExperimentEvaluated, error) {
	f, out, err := collect(history, experiment, s)
	if err != nil {
		return out, err
	}
	out.Verdict, err = f.Verdict(out.Settings)
	return out, err
}

// collect reads what a verdict rests on: settings are complete, and position and code stand beside them.
func collect(history iter.Seq2[*es.Event, error], experiment uuid.UUID, s events.EvaluationSettings) (f *Fold, out events.ExperimentEvaluated, err error) {
	f = NewFold(experiment)
	var newest []*es.Event // of one time
	passed := false
	for e, err := range history {
		if err != nil {
			return f, out, err
		}
		if len(newest) > 0 && e.Time.After(newest[0].Time) {
			if err := f.applyAll(newest, &out); err != nil {
				return f, out, err
			}
			newest = newest[:0]
		}
		if !s.AsOf.IsZero() && e.Time.After(s.AsOf) {
			passed = true
			break
		}
		newest = append(newest, e)
	}
	if f.plan == nil || f.started.IsZero() {
		return f, out, ErrUnknown
	}
	if !passed && len(newest) > 0 {
		s.AsOf = newest[0].Time.Add(-time.Microsecond)
	}
	s.AsOf = s.AsOf.UTC()
	if s, err = f.Fill(s); err != nil {
		return f, out, &SettingsError{err}
	}
	out.ExperimentID, out.Settings, out.Code = experiment, s, buildinfo.Version()
	return f, out, nil
}

// SettingsError says what is wrong with settings.
type SettingsError struct{ cause error }

func (e *SettingsError) Error() string { return e.cause.Error() }

func (f *Fold) applyAll(list []*es.Event, out *events.ExperimentEvaluated) error {
	for _, e := range list {
		if err := f.Apply(e); err != nil {
			return err
		}
		out.Oseq, out.Chain = e.Oseq, e.Chain.String()
	}
	return nil
}
