package research_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/research"
	"outrider/events"
	"outrider/internal/app/models"
	"outrider/internal/lab/reactortest"
	"outrider/internal/lab/websites"
	"outrider/internal/llm"
)

// asker is a model that answers as it is told, also to what a page tells it.
type asker struct {
	answer  func(page string) string
	fail    error
	prompts []models.Request
}

func (a *asker) Complete(_ context.Context, _ uuid.UUID, task string, r models.Request) (out models.Answer, err error) {
	a.prompts = append(a.prompts, r)
	if a.fail != nil || task != events.AITaskExtract {
		return out, errors.Join(a.fail)
	}
	var is struct{ Page string }
	if err := json.Unmarshal([]byte(r.Prompt.User), &is); err != nil {
		return out, err
	}
	out.Text = a.answer(is.Page)
	return out, r.Prompt.Check(out.Text)
}

func methods(facts []commands.FactItem) map[string]int {
	out := map[string]int{}
	for _, f := range facts {
		out[f.Method]++
	}
	return out
}

// TestAModelFindsOnlyWhatThePageSays: a model that makes things up, and one that obeys the page's hidden instructions, add nothing that doesn't stand there.
func TestAModelFindsOnlyWhatThePageSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, websites.Injected)
	a := &asker{answer: func(page string) string {
		if !strings.Contains(page, "About us") || !strings.Contains(page, "SAP") {
			return `{"facts":[]}`
		}
		return `{"facts":[{"predicate":"uses","object":"Oracle","quote":"We use Oracle."},{"predicate":"employees","object":"9,999","quote":"We have 9,999 employees."},
			{"predicate":"uses","object":"SAP and Oracle","quote":"We never use SAP."},{"predicate":"said","object":"SAP","quote":"We never use SAP."},{"predicate":"sells","object":"","quote":""},
			{"predicate":"customer","object":"20 employees","quote":"Some of us have 20 employees in mind."}]}`
	}}
	w.reactor.Extractor = research.ModelExtractor{Models: a}
	w.handle(t, requested(t))
	done := reactortest.Of[commands.CompleteResearch](t, w.Boundary)
	if len(done) != 1 || methods(done[0].Facts)[events.FactByModel] != 1 || done[0].Dropped < 5 { // the last one stands there, and is for the gate
		t.Fatalf("%+v", methods(done[0].Facts))
	}
	if len(a.prompts) == 0 || len(a.prompts) > 3 {
		t.Errorf("%d pages were shown", len(a.prompts))
	}
	for _, r := range a.prompts {
		if strings.Contains(r.Prompt.User, "Oracle") || r.CompanyID != done[0].CompanyID || r.LeadID != uuid.Nil {
			t.Errorf("a model was shown what nobody sees, or for somebody else: %s", r.Prompt.User)
		}
	}
}

// TestWithoutAModelRulesRemain for each way in which none answers.
func TestWithoutAModelRulesRemain(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{string(llm.Off), string(llm.Down), string(llm.Invalid)} {
		w := newWorld(t, websites.Plain)
		w.reactor.Extractor = research.ModelExtractor{Models: &asker{fail: &llm.Error{Reason: llm.Reason(reason), Err: errCut}}}
		w.handle(t, requested(t))
		if done := reactortest.Of[commands.CompleteResearch](t, w.Boundary); len(done) != 1 || len(done[0].Facts) < 3 {
			t.Errorf("%s: %+v", reason, done)
		}
	}
	w := newWorld(t, websites.Plain)
	w.reactor.Extractor = research.ModelExtractor{Models: &asker{fail: models.ErrBusy}}
	if _, err := w.reactor.Reactor().Handle(t.Context(), requested(t)); !errors.Is(err, models.ErrBusy) || len(w.Submitted) > 0 {
		t.Errorf("what is asked elsewhere just now is tried again: %v", err)
	}
}
