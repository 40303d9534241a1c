package events

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/internal/es"
)

func TestCatalogue(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, e := range Catalogue() {
		name := e.Zero.EventType()
		if seen[name] {
			t.Errorf("%s is in the catalogue twice", name)
		}
		seen[name] = true
		if parts := strings.Split(name, "."); len(parts) != 3 || !strings.HasPrefix(parts[2], "v") {
			t.Errorf("%s isn't noun.verb.vN", name)
		}
		data, err := es.Marshal(e.Zero)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(name, data)
		if err != nil {
			t.Fatal(err)
		}
		if !e.Retired && reflect.TypeOf(back) != reflect.TypeOf(e.Zero) {
			t.Errorf("%s decodes to %T", name, back)
		}
	}
	for _, name := range declared(t) {
		if !seen[name] {
			t.Errorf("%s is declared but not in the catalogue", name)
		}
	}
	if _, err := Decode("lead.praised.v1", nil); !errors.Is(err, ErrUnknown) {
		t.Errorf("an unknown type gives %v", err)
	}
	if _, err := Decode("lead.erased.v1", []byte("{")); err == nil {
		t.Error("broken data decodes")
	}
}

// declared reads the type strings out of the source, so that a struct can't be forgotten.
func declared(t *testing.T) (names []string) {
	t.Helper()
	packages, err := parser.ParseDir(token.NewFileSet(), ".", nil, 0) //nolint:staticcheck // no build tags here
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(packages["events"], func(n ast.Node) bool {
		f, ok := n.(*ast.FuncDecl)
		if ok && f.Name.Name == "EventType" {
			if lit, ok := f.Body.List[0].(*ast.ReturnStmt).Results[0].(*ast.BasicLit); ok && !strings.Contains(lit.Value, "test.") {
				names = append(names, strings.Trim(lit.Value, `"`))
			}
		}
		return true
	})
	if len(names) < 30 {
		t.Fatalf("found only %d event types in the source", len(names))
	}
	return names
}

// Three generations of one fact.
type (
	noteV1 struct {
		Text string `json:"text"`
	}
	noteV2 struct {
		Lines []string `json:"lines"`
	}
	note struct {
		Lines []string  `json:"lines"`
		By    uuid.UUID `json:"by"`
	}
)

func (noteV1) EventType() string   { return "test.noted.v1" }
func (noteV1) AggregateID() string { return "" }
func (n noteV1) Upcast() Event     { return noteV2{strings.Split(n.Text, "\n")} }
func (noteV2) EventType() string   { return "test.noted.v2" }
func (noteV2) AggregateID() string { return "" }
func (n noteV2) Upcast() Event     { return note{Lines: n.Lines} }
func (note) EventType() string     { return "test.noted.v3" }
func (note) AggregateID() string   { return "" }

func TestRetiredShapesReadAsTheNewest(t *testing.T) {
	t.Parallel()
	for data, entry := range map[string]Entry{`{"text":"a\nb"}`: retired[noteV1](), `{"lines":["a","b"]}`: retired[noteV2]()} {
		e, err := entry.decode([]byte(data))
		if err != nil || !entry.Retired {
			t.Fatal(err)
		}
		if want := (note{Lines: []string{"a", "b"}}); !reflect.DeepEqual(e, want) {
			t.Errorf("%s reads as %#v", data, e)
		}
	}
	if _, err := retired[noteV1]().decode([]byte("[")); err == nil {
		t.Error("broken data decodes")
	}
}

func TestCampaignsOfBeforeTheirTemplatesWereAnalyzed(t *testing.T) {
	t.Parallel()
	campaign, step := uuid.UUID{1}, Step{StepID: uuid.UUID{2}, Kind: StepEmail, Variants: []Variant{{VariantID: uuid.UUID{3}, Subject: "s", Body: "b", Weight: 1}}}
	for _, c := range []struct{ old, want Event }{
		{CampaignCreatedV1{campaign, "n", Nurture, "UTC", "2026-01-01", "2026-02-01", "person:1", ApproveAll, []Step{step}},
			CampaignCreated{CampaignRef: CampaignRef{CampaignID: campaign}, Name: "n", CampaignType: Nurture, TimeZone: "UTC", StartDate: "2026-01-01", EndDate: "2026-02-01", CreatedBy: "person:1", Approval: ApproveAll, Steps: []Step{step}}},
		{CampaignStepsChangedV1{campaign, []Step{step}}, CampaignStepsChanged{CampaignRef: CampaignRef{CampaignID: campaign}, Steps: []Step{step}}},
	} {
		data, err := es.Marshal(c.old)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Decode(c.old.EventType(), data); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s reads as %#v, %v", c.old.EventType(), got, err)
		}
	}
}
