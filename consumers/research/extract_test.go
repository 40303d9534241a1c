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
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/lab/websites"
	"outrider/internal/llm"
	sites "outrider/internal/research"
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
		if strings.Contains(r.Prompt.User, "Oracle") || r.CompanyID != done[0].CompanyID || r.LeadID != done[0].LeadID {
			t.Errorf("a model was shown what nobody sees, or for somebody else: %s", r.Prompt.User)
		}
	}
}

// TestAQuoteMustSayItsFact: words that stand in a page say nothing by themselves. What a page denies, plans, asks or says of somebody else is no fact, however short the quote is cut.
func TestAQuoteMustSayItsFact(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ page, predicate, object, quote, want string }{
		{"We use Kafka every day.", "uses", "Kafka", "We use Kafka every day.", "Kafka"}, {"Under the hood you will find Kafka.", "uses", "Kafka", "you will find Kafka", "Kafka"},
		{"Globex is a customer of ours.", "customer", "Globex", "Globex is a customer of ours.", "Globex"}, {"We make sauces without sugar.", "makes", "sauces without sugar", "We make sauces without sugar.", "sauces without sugar"},
		{"We employ over 300 people.", "employees", "over 300", "We employ over 300 people.", "over 300"},
		{"We never use SAP.", "uses", "SAP", "We never use SAP.", ""}, {"We never use SAP.", "uses", "SAP", "use SAP.", ""}, {"We don’t use SAP.", "uses", "SAP", "use SAP.", ""}, {"Wir nutzen SAP nicht.", "uses", "SAP", "nutzen SAP", ""},
		{"We plan to open an office in Oslo.", "opened", "an office in Oslo", "an office in Oslo", ""}, {"Why use SAP?", "uses", "SAP", "use SAP", ""}, {"We used to work with SAP.", "uses", "SAP", "work with SAP", ""},
		{"We replaced SAP by a tool of our own.", "uses", "SAP", "SAP", ""}, {"Our customer Globex uses SAP.", "uses", "SAP", "Globex uses SAP.", ""}, {"If you use SAP, talk to us.", "uses", "SAP", "use SAP", ""},
		{"We employ over 300 people.", "employees", "300", "300 people.", ""}, {"We opened an office in Oslo and a shop in Leeds.", "opened", "an office in Leeds", "We opened an office in Oslo and a shop in Leeds.", ""},
		{"We use SAP. We would never use SAP again.", "uses", "SAP", "use SAP", ""},
	} {
		answer, err := json.Marshal(map[string]any{"facts": []map[string]string{{"predicate": c.predicate, "object": c.object, "quote": c.quote}}})
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Repeat("Welcome to the pages of a company that likes to write. ", 3) + "\n" + c.page + " Goodbye."
		site := sites.Site{Pages: []sites.Page{{URL: "https://a.example/", Outcome: sites.Read, Kept: text, Document: &sites.Document{Text: text}}}}
		x := research.ModelExtractor{Models: &asker{answer: func(string) string { return string(answer) }}}
		found, err := x.Extract(t.Context(), &es.Event{ID: es.NewID()}, events.ResearchRef{}, site, research.Subject{Names: []string{"A"}})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, f := range sites.Merge(sites.Facts{}, found.Facts, site).Facts {
			got += f.Object
		}
		if got != c.want {
			t.Errorf("of %q (%q) it is taken that %s %q", c.page, c.quote, c.predicate, got)
		}
	}
}

// TestWithoutAModelRulesRemain for each way in which none answers.
func TestWithoutAModelRulesRemain(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{string(llm.Off), string(llm.Down), string(llm.Invalid), string(llm.OverPlan), string(llm.OverCampaign), string(llm.OverLead)} {
		w := newWorld(t, websites.Plain)
		w.reactor.Extractor = research.ModelExtractor{Models: &asker{fail: &llm.Error{Reason: llm.Reason(reason), Err: errCut}}}
		w.handle(t, requested(t))
		if done := reactortest.Of[commands.CompleteResearch](t, w.Boundary); len(done) != 1 || len(done[0].Facts) < 3 {
			t.Errorf("%s: %+v", reason, done)
		}
		fell := reactortest.Of[commands.RecordAIFallback](t, w.Boundary)
		if silent := reason == string(llm.Off) || reason == string(llm.Invalid); silent != (len(fell) == 0) || len(fell) > 1 {
			t.Errorf("%s: it is said %d times", reason, len(fell))
		}
		for _, f := range fell {
			if done := reactortest.Of[commands.CompleteResearch](t, w.Boundary)[0]; f.To != events.AIFallbackRules || f.Task != events.AITaskExtract || f.Reason != reason || f.LeadID != done.LeadID || f.CampaignID != done.CampaignID {
				t.Errorf("%s: %+v", reason, f)
			}
		}
	}
	w := newWorld(t, websites.Plain)
	w.reactor.Extractor = research.ModelExtractor{Models: &asker{fail: models.ErrBusy}}
	if _, err := w.reactor.Reactor().Handle(t.Context(), requested(t)); !errors.Is(err, models.ErrBusy) || len(w.Submitted) > 0 {
		t.Errorf("what is asked elsewhere just now is tried again: %v", err)
	}
}
