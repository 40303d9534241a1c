// Package scoring asks what rules would make of leads: of those that there are, and of those who were written to.
package scoring

import (
	"context"

	"github.com/google/uuid"

	"outrider/internal/score"
	"outrider/projections"
)

// Reader reads leads with what is known of them; see projections.ReadScoreInputs.
type Reader func(ctx context.Context, pick projections.ScorePick) ([]*projections.ScoreInput, error)

// page is how many leads are read at once.
const page = 2_000

// Bounds of what is looked at.
const (
	MostPreviewed = 50_000
	MostEvaluated = 100_000
	mostExamples  = 5
)

// eachLead calls a function for up to most leads, and reports whether these are all.
func eachLead(ctx context.Context, read Reader, pick projections.ScorePick, most int, see func(*projections.ScoreInput)) (complete bool, err error) {
	pick.Limit = page
	for n := 0; ; {
		rows, err := read(ctx, pick)
		if err != nil {
			return false, err
		}
		for _, in := range rows {
			if n++; n > most {
				return false, nil
			}
			see(in)
		}
		if len(rows) < page {
			return true, nil
		}
		pick.After = rows[len(rows)-1].Oseq
	}
}

// Example is a lead that would be something else.
type Example struct {
	Lead  *projections.Lead
	After score.Result
}

// Change is from what to what; From "" = no score.
type Change struct{ From, To string }

// Preview is what rules would make of leads.
type Preview struct {
	Leads    int
	Complete bool
	Changed  int
	Before   map[string]int // leads by what they are
	After    map[string]int
	Changes  map[Change]int
	Examples []Example // of different changes first
}

// PreviewRules compares what leads are with what rules would make of them.
func PreviewRules(ctx context.Context, read Reader, rules score.Rules, pick projections.ScorePick) (*Preview, error) {
	p := &Preview{Before: map[string]int{}, After: map[string]int{}, Changes: map[Change]int{}}
	var more []Example
	var err error
	pick.Facts = rules.UsesFacts()
	p.Complete, err = eachLead(ctx, read, pick, MostPreviewed, func(in *projections.ScoreInput) {
		is := rules.Judge(&in.Input)
		p.Leads++
		p.Before[in.Qualification]++
		p.After[is.Qualification]++
		if in.Qualification == is.Qualification {
			return
		}
		p.Changed++
		c := Change{in.Qualification, is.Qualification}
		p.Changes[c]++
		switch x := (Example{in.Lead, is}); {
		case p.Changes[c] == 1 && len(p.Examples) < mostExamples:
			p.Examples = append(p.Examples, x)
		case len(more) < mostExamples:
			more = append(more, x)
		}
	})
	p.Examples = append(p.Examples, more[:min(len(more), mostExamples-len(p.Examples))]...)
	return p, err
}

// Band are people of some scores, and what became of them.
type Band struct {
	From, To                    int // of a band of lead scores
	Qualification               string
	Leads, Interested, Meetings int
}

// Evaluation is what became of people, by the scores that rules give them.
type Evaluation struct {
	Leads    int
	Complete bool
	Bands    []Band // the highest first
	Statuses []Band // by qualification
}

const bandWidth = 20

// EvaluateRules scores everybody who was written to, with the facts that were known when they were first enrolled. interested says who has answered so.
func EvaluateRules(ctx context.Context, read Reader, rules score.Rules, pick projections.ScorePick, interested map[uuid.UUID]bool) (*Evaluation, error) {
	e := &Evaluation{}
	for from := score.Most - bandWidth; from >= 0; from -= bandWidth {
		to := from + bandWidth - 1
		if from+bandWidth == score.Most {
			to = score.Most
		}
		e.Bands = append(e.Bands, Band{From: from, To: to})
	}
	for _, q := range []string{score.Qualified, score.NeedsReview, score.Unqualified} {
		e.Statuses = append(e.Statuses, Band{Qualification: q})
	}
	pick.Written, pick.Facts = true, rules.UsesFacts()
	var err error
	e.Complete, err = eachLead(ctx, read, pick, MostEvaluated, func(in *projections.ScoreInput) {
		is := rules.Judge(&in.Input)
		e.Leads++
		for i := range e.Bands {
			if b := &e.Bands[i]; is.Lead >= b.From && is.Lead <= b.To {
				b.count(in, interested)
			}
		}
		for i := range e.Statuses {
			if b := &e.Statuses[i]; b.Qualification == is.Qualification {
				b.count(in, interested)
			}
		}
	})
	return e, err
}

func (b *Band) count(in *projections.ScoreInput, interested map[uuid.UUID]bool) {
	b.Leads++
	if interested[in.LeadID] {
		b.Interested++
	}
	if in.Meetings > 0 {
		b.Meetings++
	}
}
