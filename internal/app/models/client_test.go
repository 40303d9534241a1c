package models_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/models"
	"outrider/internal/dial"
	"outrider/internal/es"
	"outrider/internal/lab/modelserver"
	"outrider/internal/lab/reactortest"
	"outrider/internal/llm"
)

// world is an organisation, which is the ledger too, and a model that counts.
type world struct {
	*reactortest.Owner
	t      *testing.T
	org    uuid.UUID
	model  *modelserver.Server
	url    string
	client *models.Client
}

const budget = 1_000_000

func newWorld(t *testing.T, change func(*models.Config)) *world {
	t.Helper()
	owner, err := reactortest.NewOwner(budget)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Owner: owner, t: t, org: owner.Org, model: &modelserver.Server{Answer: func(string, string) string { return "42" }}}
	server := httptest.NewServer(w.model)
	t.Cleanup(server.Close)
	w.url = server.URL + "/v1"
	w.client = w.newClient(change)
	return w
}

// newClient is another process.
func (w *world) newClient(change func(*models.Config)) *models.Client {
	w.t.Helper()
	config := models.Config{Platform: llm.Endpoint{BaseURL: w.url, Key: "platform"}, Default: map[string]string{}, Catalogue: models.NewCatalogue(), Reach: dial.Loopback, Ledger: w, Secrets: secrets{}, Keys: reactortest.Ring{},
		Commands: w, Now: w.Now, Pause: func(context.Context, time.Duration) error { return nil }}
	for _, task := range events.AITasks() {
		config.Default[task] = "gpt-4.1-mini"
	}
	if change != nil {
		change(&config)
	}
	c, err := models.NewClient(config)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

type secrets struct{}

func (secrets) Secret(_ context.Context, _ uuid.UUID, name string) ([]byte, error) {
	return []byte("secret of " + name), nil
}

func (w *world) must(c commands.Command) {
	w.t.Helper()
	if err := w.Do(c); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) ask(c *models.Client, id string) (models.Answer, error) {
	return c.Complete(context.Background(), w.org, events.AITaskWrite, models.Request{ID: es.DeriveID(w.org, id), LeadID: es.DeriveID(w.org, "lead"), Prompt: llm.Prompt{System: "Answer.", User: "What is six times seven?", MaxTokens: 100, Seed: 3}})
}

// checkOnce wants that nothing was asked twice, that what was asked is in the ledger, and that the ledger, the budget and the events agree.
func (w *world) checkOnce() {
	w.t.Helper()
	reserved, settled, spent := map[string]int{}, map[string]int{}, int64(0)
	for _, e := range w.Log() {
		switch e := e.Payload.(type) {
		case events.AICallReserved:
			reserved[e.CallID.String()]++
		case events.AICallSettled:
			settled[e.CallID.String()]++
			spent += e.CostMicros
		}
	}
	for call, n := range w.model.Asked() {
		if n != 1 || reserved[call] != 1 {
			w.t.Errorf("call %s was made %d times, and reserved %d times", call, n, reserved[call])
		}
	}
	for call, n := range reserved {
		if n != 1 || settled[call] > 1 {
			w.t.Errorf("call %s was reserved %d times, and settled %d times", call, n, settled[call])
		}
	}
	o := w.Organization()
	if got := o.AI.SpentMicros(o.PeriodFrom, events.AIProviderPlatform) + o.AI.SpentMicros(o.PeriodFrom, events.AIProviderOwn); got != spent {
		w.t.Errorf("the owner has counted %d, the events say %d", got, spent)
	}
}

func reasonOf(err error) llm.Reason {
	var failed *llm.Error
	errors.As(err, &failed)
	if failed == nil {
		return ""
	}
	return failed.Reason
}

func TestTheSameIsAskedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	first, err := w.ask(w.client, "a")
	if err != nil || first.Text != "42" || first.Recorded || first.CostMicroUSD <= 0 || len(first.PromptHash) != 64 {
		t.Fatalf("got %+v, %v", first, err)
	}
	again, err := w.ask(w.newClient(nil), "a") // the event comes again, elsewhere
	if err != nil || again.Text != "42" || !again.Recorded || again.CallID != first.CallID || again.CostMicroUSD != first.CostMicroUSD {
		t.Fatalf("got %+v, %v", again, err)
	}
	if _, err := w.ask(w.client, "b"); err != nil || len(w.model.Asked()) != 2 {
		t.Errorf("asked %v, %v", w.model.Asked(), err)
	}
	w.checkOnce()
}

// beforeSettled is the step of a first call before its settlement is decided: its reservation has two.
const beforeSettled = 3

// TestAKillBetweenAnyTwoSteps ends the process before the reservation, and between the answer and the settlement.
func TestAKillBetweenAnyTwoSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.DieAt(1)
	if _, err := w.ask(w.client, "a"); !errors.Is(err, reactortest.ErrDead) || len(w.model.Asked()) != 0 {
		t.Fatalf("asked %v, %v", w.model.Asked(), err)
	}
	w.DieAt(beforeSettled)
	if _, err := w.ask(w.client, "a"); !errors.Is(err, reactortest.ErrDead) || len(w.model.Asked()) != 1 {
		t.Fatalf("asked %v, %v", w.model.Asked(), err)
	}
	w.Restart()
	waited := 0
	patient := w.newClient(func(c *models.Config) { c.Pause = func(context.Context, time.Duration) error { waited++; return nil } })
	a, err := w.ask(patient, "a")
	if waited < 2 {
		t.Errorf("it was waited for %d times", waited)
	}
	if err != nil || a.Text != "42" || len(w.model.Asked()) != 2 {
		t.Fatalf("after it is lost: %+v, asked %v, %v", a, w.model.Asked(), err)
	}
	w.checkOnce()
	var paid int64
	for _, tokens := range w.model.Paid() {
		paid += tokens
	}
	if o := w.Organization(); paid == 0 || a.CostMicroUSD <= 0 || o.AI.SpentMicros(o.PeriodFrom, events.AIProviderPlatform) != a.CostMicroUSD {
		t.Errorf("it cost %d, and %d are counted", a.CostMicroUSD, o.AI.SpentMicros(o.PeriodFrom, events.AIProviderPlatform))
	}
}

func TestManyAtOnceForTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	var g sync.WaitGroup
	for range 20 {
		g.Go(func() {
			if a, err := w.ask(w.client, "a"); err != nil || a.Text != "42" {
				t.Errorf("got %+v, %v", a, err)
			}
		})
	}
	g.Wait()
	if len(w.model.Asked()) != 1 {
		t.Errorf("asked %v", w.model.Asked())
	}
	w.checkOnce()
}

// TestTheClockGivesUpWhatNobodyWantsAgain ends a call whose event doesn't come again.
func TestTheClockGivesUpWhatNobodyWantsAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.DieAt(beforeSettled)
	if _, err := w.ask(w.client, "a"); !errors.Is(err, reactortest.ErrDead) {
		t.Fatal(err)
	}
	w.Restart()
	w.Now = func() time.Time { return reactortest.Noon().Add(commands.AILease) }
	w.must(commands.AdvanceClock{})
	o := w.Organization()
	if spent := o.AI.SpentMicros(o.PeriodFrom, events.AIProviderPlatform); spent == 0 || spent != o.AI.TakenMicros(o.PeriodFrom, events.AIProviderPlatform) {
		t.Errorf("%d are spent, %d are taken", spent, o.AI.TakenMicros(o.PeriodFrom, events.AIProviderPlatform))
	}
	w.checkOnce()
}

func TestFailuresOfTheEndpoint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mode  modelserver.Mode
		times int
		want  llm.Reason
		asked int
		free  bool
	}{
		"one that passes":             {modelserver.Fails, 1, "", 2, false},
		"a limit of rate that passes": {modelserver.RateLimits, 2, "", 3, false},
		"one that stays":              {modelserver.Fails, 0, llm.Temporary, 3, true},
		"no credit":                   {modelserver.NoCredit, 0, llm.Rejected, 1, true},
		"a wrong key":                 {modelserver.WrongKey, 0, llm.Rejected, 1, true},
		"an answer that is cut":       {modelserver.CutsShort, 0, llm.Invalid, 1, false},
		"an answer that is lost":      {modelserver.Vanishes, 1, "", 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			w.model.Set(c.mode, c.times)
			_, err := w.ask(w.client, "a")
			asked := len(w.model.Asked())
			if reasonOf(err) != c.want || asked != c.asked {
				t.Fatalf("asked %d times, %v", asked, err)
			}
			_, again := w.ask(w.newClient(nil), "a")
			if reasonOf(again) != c.want || len(w.model.Asked()) != asked {
				t.Errorf("again: asked %d times, %v", len(w.model.Asked()), again)
			}
			o := w.Organization()
			if free := o.AI.TakenMicros(o.PeriodFrom, events.AIProviderPlatform) == 0; free != c.free {
				t.Errorf("it cost %d", o.AI.TakenMicros(o.PeriodFrom, events.AIProviderPlatform))
			}
			w.checkOnce()
		})
	}
}

func TestAnEndpointThatIsDownIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.model.Set(modelserver.Fails, 0)
	for _, id := range []string{"a", "b"} {
		_, _ = w.ask(w.client, id)
	}
	before := len(w.model.Asked())
	if _, err := w.ask(w.client, "c"); reasonOf(err) != llm.Down || len(w.model.Asked()) != before || before != 5 {
		t.Errorf("asked %d, then %d times: %v", before, len(w.model.Asked()), err)
	}
	if _, err := w.ask(w.newClient(nil), "d"); reasonOf(err) != llm.Temporary {
		t.Errorf("another process: %v", err)
	}
	w.checkOnce()
}

// TestOneLeadsBudget: what one lead may cost is held for whatever is asked for them, the research of their company too, and what an answer didn't take is there for the next.
func TestOneLeadsBudget(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	lead, another := es.DeriveID(w.org, "lead"), es.DeriveID(w.org, "another")
	for _, id := range []uuid.UUID{lead, another} {
		w.must(commands.CreateLead{LeadItem: commands.LeadItem{LeadID: id, AddressHash: strings.ReplaceAll(id.String(), "-", ""), DomainHash: strings.ReplaceAll(w.org.String(), "-", ""), Profile: events.Sealed{K: 1, C: []byte("sealed")}, Filled: []string{"email"}, Source: events.SourceAPI}})
	}
	prompt := llm.Prompt{System: "Answer.", User: "What is six times seven?", MaxTokens: 1000}
	ask := func(lead, company uuid.UUID, task string) error {
		_, err := w.client.Complete(context.Background(), w.org, task, models.Request{ID: es.NewID(), LeadID: lead, CompanyID: company, Prompt: prompt})
		return err
	}
	if err := ask(lead, uuid.Nil, events.AITaskWrite); err != nil {
		t.Fatal(err)
	}
	var first events.AICallReserved
	for _, e := range w.Log() {
		if r, ok := e.Payload.(events.AICallReserved); ok {
			first = r
		}
	}
	taken := w.Organization().Leads.Get(lead).AITakenMicros()
	if taken <= 0 || taken >= first.AtMostMicros {
		t.Fatalf("%d are taken, %d were reserved", taken, first.AtMostMicros)
	}
	limit := taken + first.AtMostMicros
	w.must(commands.SetAISettings{AISettings: events.AISettings{Provider: events.AIProviderPlatform, LeadLimitMicros: limit}})
	if err := ask(lead, es.DeriveID(w.org, "company"), events.AITaskExtract); err != nil { // the first has left enough
		t.Fatal(err)
	}
	var over *models.OverBudget
	if err := ask(lead, uuid.Nil, events.AITaskWrite); reasonOf(err) != llm.OverLead || !errors.As(err, &over) || over.Limit != events.LimitAILead || over.Max != limit || over.Used != w.Organization().Leads.Get(lead).AITakenMicros() {
		t.Errorf("got %v", err)
	}
	if err := ask(another, uuid.Nil, events.AITaskWrite); err != nil {
		t.Errorf("another lead: %v", err)
	}
	w.checkOnce()
}

func TestBudgetsAndSwitches(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	var n int
	for ; n < 10_000; n++ { // far more than the budget has
		if _, err := w.client.Complete(context.Background(), w.org, events.AITaskWrite, models.Request{ID: es.NewID(), Prompt: llm.Prompt{User: strings.Repeat("x", 20_000), MaxTokens: 100_000}}); err != nil {
			var over *models.OverBudget
			if reasonOf(err) != llm.OverPlan || !errors.As(err, &over) || over.Limit != events.LimitAIBudget || over.Max != budget || over.Plan != "starter" || over.Used <= 0 || over.Used+over.Requested <= budget {
				t.Fatalf("after %d: %v, %+v", n, err, over)
			}
			break
		}
	}
	asked := len(w.model.Asked())
	if n == 0 || n == 10_000 || asked != n {
		t.Fatalf("%d calls fit, %d were made", n, asked)
	}
	w.must(commands.SetAISettings{AISettings: events.AISettings{Provider: events.AIProviderOwn, BaseURL: w.url, KeyID: es.NewID(), Models: map[string]events.AIModel{events.AITaskWrite: {Model: "mine", Price: events.AIPrice{Output: 1_000_000}}}}})
	a, err := w.ask(w.client, "own")
	if err != nil || a.Model != "mine" || !strings.HasPrefix(w.model.Keys()[1], "secret of ai key ") {
		t.Fatalf("got %+v, %v, with keys %v", a, err, w.model.Keys())
	}
	w.must(commands.StopAI{Reason: "odd texts"})
	if _, err := w.ask(w.client, "stopped"); reasonOf(err) != llm.Stopped {
		t.Errorf("stopped: %v", err)
	}
	if a, err := w.ask(w.client, "own"); err != nil || !a.Recorded {
		t.Errorf("what was answered before: %+v, %v", a, err)
	}
	w.must(commands.ResumeAI{})
	w.must(commands.SwitchFlag{FlagRef: events.FlagRef{Flag: events.FeatureAI}, Killed: true, Phase: events.FlagPhaseOpen, Version: 1})
	if _, err := w.ask(w.client, "killed"); reasonOf(err) != llm.Stopped || len(w.model.Asked()) != asked+1 {
		t.Errorf("stopped by the operator: %v", err)
	}
	w.checkOnce()
}

func TestWithoutAModelNobodyIsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *models.Config) { c.Platform = llm.Endpoint{} })
	if wanted, err := w.client.Wanted(t.Context(), w.org); wanted || err != nil {
		t.Errorf("wanted %v, %v", wanted, err)
	}
	if _, err := w.ask(w.client, "a"); reasonOf(err) != llm.Off {
		t.Errorf("got %v", err)
	}
}

func TestAnEndpointOfOnesOwnIsReachedAsStrangersAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *models.Config) { c.Reach = dial.Public })
	w.must(commands.SetAISettings{AISettings: events.AISettings{Provider: events.AIProviderOwn, BaseURL: strings.Replace(w.url, "http://", "https://", 1), Models: map[string]events.AIModel{events.AITaskWrite: {Model: "mine"}}}})
	if _, err := w.ask(w.client, "a"); reasonOf(err) != llm.Temporary || len(w.model.Asked()) != 0 {
		t.Errorf("got %v", err)
	}
	for text, good := range map[string]bool{"https://api.example.com/v1": true, "http://api.example.com": false, "https://u:p@example.com": false, "https://example.com/?key=1": false, "example.com": false, "ftp://example.com": false} {
		if err := models.CheckURL(text, false); (err == nil) != good {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestWhoIsErasedIsNotAskedAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	c := w.newClient(func(c *models.Config) {
		c.Keys = reactortest.Ring{Erased: map[uuid.UUID]bool{es.DeriveID(w.org, "lead"): true}}
	})
	if _, err := w.ask(c, "a"); !errors.Is(err, models.ErrGone) || len(w.model.Asked()) != 0 {
		t.Errorf("asked %v, %v", w.model.Asked(), err)
	}
}

func TestWhoItIsAboutStaysHere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	r := models.Request{ID: es.NewID(), Prompt: llm.Prompt{User: "Ann Li <ann.li@example.com>, +49 30 1234567, of Liverpool, writes: Ann likes it. Paid 12 000 000 on 2026-01-02."}, Personal: []string{"Ann", "Li", "Ann Li"}}
	if _, err := w.client.Complete(t.Context(), w.org, events.AITaskClassify, r); err != nil {
		t.Fatal(err)
	}
	if got, want := w.model.Prompts()[0], "[person] <[address]>, [telephone], of Liverpool, writes: [person] likes it. Paid 12 000 000 on 2026-01-02."; got != want {
		t.Errorf("asked %q, want %q", got, want)
	}
}

func TestAnOperatorsListOfModels(t *testing.T) {
	t.Parallel()
	c, err := models.ReadCatalogue([]byte(`{"note": "Nothing is kept.", "models": {"a": {"input": 1, "cached": 1, "output": 2, "tasks": ["write"]}, "b": {"input": 3, "output": 4}}}`))
	if err != nil || c.Note != "Nothing is kept." || len(c.List()) != 2 {
		t.Fatalf("%+v, %v", c, err)
	}
	if a, ok := c.Find("a"); !ok || a.May(events.AITaskExtract) || !a.May(events.AITaskWrite) || a.Price.Output != 2 {
		t.Errorf("got %+v", a)
	}
	for _, wrong := range []string{`{}`, `{"models": {"a": {"input": -1}}}`, `{"models": {"a": {"tasks": ["dream"]}}}`, `[]`} {
		if _, err := models.ReadCatalogue([]byte(wrong)); err == nil {
			t.Errorf("%s is taken", wrong)
		}
	}
	w := newWorld(t, func(config *models.Config) {
		config.Catalogue, config.Default = c, map[string]string{events.AITaskWrite: "gone", events.AITaskExtract: "b"}
	})
	if _, err := w.ask(w.client, "a"); reasonOf(err) != llm.Off { // the operator's default isn't on the list
		t.Errorf("got %v", err)
	}
}
