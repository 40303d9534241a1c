package scoring

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/score"
	"outrider/projections"
)

// office is an organisation with leads; who has a job is worth 40.
type office struct {
	*Scoring
	*reactortest.Boundary
	org   uuid.UUID
	rules *projections.ScoreRules
	leads []*projections.ScoreInput
	reads int
}

func (o *office) Rules(context.Context, uuid.UUID) (*projections.ScoreRules, error) {
	return o.rules, nil
}

func (o *office) Inputs(_ context.Context, _ uuid.UUID, pick projections.ScorePick) (out []*projections.ScoreInput, _ error) {
	o.reads++
	for _, in := range o.leads {
		named := pick.Leads == nil
		for _, id := range pick.Leads {
			named = named || id == in.LeadID
		}
		if named && in.Oseq > pick.After && (pick.Company == "" || pick.Company == in.DomainHash) && len(out) < pick.Limit {
			out = append(out, in)
		}
	}
	return out, nil
}

func (o *office) DomainHash(context.Context, uuid.UUID, uuid.UUID) (string, error) {
	return "acme", nil
}

func setupOffice(t *testing.T, leads int, field string) *office {
	t.Helper()
	o := &office{Boundary: &reactortest.Boundary{}, org: es.NewID()}
	for i := range leads {
		in := &projections.ScoreInput{Lead: &projections.Lead{LeadID: es.NewID(), Oseq: int64(10 * (i + 1))}, Input: score.Input{Fields: map[string]string{"job_title": "Head"}}}
		in.DomainHash = []string{"acme", "other"}[i%2]
		o.leads = append(o.leads, in)
	}
	rules, err := json.Marshal(events.ScoreRules{QualifiedLead: 40, ReviewLead: 10, Rules: []events.ScoreRule{{Name: "Has a job", Of: "lead", Field: field, Test: "exists", Weight: 40}}})
	if err != nil {
		t.Fatal(err)
	}
	o.rules = &projections.ScoreRules{Version: 3, Rules: rules}
	if o.Scoring, err = New(Config{Reads: o, Commands: o.Boundary, Now: reactortest.Noon}); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) handle(t *testing.T, p events.Event) {
	t.Helper()
	if _, err := o.handleEvent(t.Context(), reactortest.Fact(t, o.org, p)); err != nil {
		t.Fatal(err)
	}
}

func TestALeadIsScored(t *testing.T) {
	t.Parallel()
	o := setupOffice(t, 3, "job_title")
	o.handle(t, events.LeadUpdated{LeadRef: events.LeadRef{LeadID: o.leads[1].LeadID}})
	got := reactortest.Of[commands.ApplyScores](t, o.Boundary)
	if len(got) != 1 || got[0].Version != 3 || got[0].Chunk != nil || len(got[0].Items) != 1 || got[0].Items[0] != (commands.ScoreItem{LeadID: o.leads[1].LeadID, LeadScore: 40, Qualification: score.Qualified}) {
		t.Errorf("got %+v", got)
	}
	o.rules = nil
	o.handle(t, events.LeadUpdated{LeadRef: events.LeadRef{LeadID: o.leads[1].LeadID}})
	if len(o.Submitted) != 1 || o.reads != 1 {
		t.Errorf("without rules: %d commands, %d reads", len(o.Submitted), o.reads)
	}
}

// TestAllLeadsAreScoredInChunks follows the events that the chunks end in, as the log would bring them.
func TestAllLeadsAreScoredInChunks(t *testing.T) {
	t.Parallel()
	o := setupOffice(t, 2*commands.MaxItems+1, "job_title")
	o.handle(t, events.ScoreRulesSet{Version: 3})
	for n := 0; n < len(o.Submitted); n++ {
		c := reactortest.Of[commands.ApplyScores](t, o.Boundary)[n]
		o.handle(t, events.ScoresApplied{Version: 3, Through: c.Chunk.Through, Last: c.Chunk.Last})
	}
	all := reactortest.Of[commands.ApplyScores](t, o.Boundary)
	seen, after := map[uuid.UUID]bool{}, int64(0)
	for i, c := range all {
		if c.Chunk.After != after || c.Chunk.Last != (i == len(all)-1) || len(c.Items) > commands.MaxItems {
			t.Errorf("chunk %d: %+v of %d leads, behind %d", i, *c.Chunk, len(c.Items), after)
		}
		after = c.Chunk.Through
		for _, item := range c.Items {
			seen[item.LeadID] = true
		}
	}
	if len(all) != 3 || len(seen) != len(o.leads) {
		t.Errorf("%d chunks with %d leads, want 3 with %d", len(all), len(seen), len(o.leads))
	}
	o.handle(t, events.ScoresApplied{Version: 2, Through: 10}) // of rules that no longer hold
	if n := len(o.Submitted); n != 3 {
		t.Errorf("%d commands, want none for older rules", n)
	}
}

func TestAFactOfACompanyIsAboutAllWhoWorkThere(t *testing.T) {
	t.Parallel()
	o := setupOffice(t, 5, "fact.hiring")
	o.handle(t, events.FactFound{FactRef: events.FactRef{FactID: es.NewID(), CompanyID: es.NewID()}})
	o.handle(t, events.FactStale{FactRef: events.FactRef{FactID: es.NewID(), LeadID: o.leads[1].LeadID}})
	got := reactortest.Of[commands.ApplyScores](t, o.Boundary)
	if len(got) != 2 || len(got[0].Items) != 3 || len(got[1].Items) != 1 || got[1].Items[0].LeadID != o.leads[1].LeadID {
		t.Errorf("got %+v", got)
	}
	o = setupOffice(t, 5, "job_title")
	o.handle(t, events.FactFound{FactRef: events.FactRef{FactID: es.NewID(), CompanyID: es.NewID()}})
	if len(o.Submitted) != 0 {
		t.Error("rules that ask for no fact scored by one")
	}
}

func TestWhatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	o, down := setupOffice(t, 1, "job_title"), errors.New("down")
	o.Fail = func(*es.Command) error { return down }
	if _, err := o.handleEvent(t.Context(), reactortest.Fact(t, o.org, events.LeadCreated{LeadRef: events.LeadRef{LeadID: o.leads[0].LeadID}})); !errors.Is(err, down) {
		t.Errorf("got %v", err)
	}
	if _, err := New(Config{}); err == nil {
		t.Error("a reactor without anything was made")
	}
}
