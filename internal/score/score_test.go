package score

import (
	"errors"
	"testing"
	"time"
)

func num(n float64) *float64 { return &n }

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func ann() *Input {
	return &Input{At: noon, Tags: []string{"vip"}, Dates: map[string]time.Time{FieldCreated: noon.AddDate(0, 0, -10)},
		Fields: map[string]string{"country": "Germany", "job_title": "Head of Sales, EMEA", "custom.size": "51-200", "custom.renewal": "2026-02-01"},
		Facts:  []Fact{{"old", "hiring", "two engineers", noon.AddDate(0, 0, -200)}, {"new", "hiring", "a C++ developer", noon.AddDate(0, 0, -5)}, {"people", "employees", "1,200", noon}}}
}

func TestRules(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		rule  Rule
		value string
		fact  string
		holds bool
	}{
		"a field is a value":                 {Rule{Field: "country", Test: Equals, Values: []string{" germany"}}, "Germany", "", true},
		"it isn't another":                   {Rule{Field: "country", Test: OneOf, Values: []string{"France", "Spain"}}, "Germany", "", false},
		"it is one of some":                  {Rule{Field: "country", Test: OneOf, Values: []string{"France", "GERMANY"}}, "Germany", "", true},
		"a field has words":                  {Rule{Field: "job_title", Test: Contains, Values: []string{"head of"}}, "Head of Sales, EMEA", "", true},
		"parts of words are none":            {Rule{Field: "job_title", Test: Contains, Values: []string{"sale"}}, "Head of Sales, EMEA", "", false},
		"some tag is":                        {Rule{Field: FieldTag, Test: OneOf, Values: []string{"VIP"}}, "vip", "", true},
		"a span is its middle":               {Rule{Field: "custom.size", Test: Range, From: num(120), To: num(130)}, "51-200", "", true},
		"a range includes its ends":          {Rule{Field: "fact.employees", Test: Range, From: num(1200)}, "1,200", "people", true},
		"above a range":                      {Rule{Field: "fact.employees", Test: Range, To: num(1199)}, "1,200", "people", false},
		"a word is in no range":              {Rule{Field: "country", Test: Range, To: num(5)}, "Germany", "", false},
		"a fact is there":                    {Rule{Field: "fact.hiring", Test: Exists}, "a C++ developer", "new", true},
		"no fact is there":                   {Rule{Field: "fact.raised", Test: Exists}, "", "", false},
		"any of the facts makes a test hold": {Rule{Field: "fact.hiring", Test: Contains, Values: []string{"engineers"}}, "two engineers", "old", true},
		"a fact is young":                    {Rule{Field: "fact.hiring", Test: NewerThan, Days: 5}, "a C++ developer", "new", true},
		"a fact is old":                      {Rule{Field: "fact.hiring", Test: OlderThan, Days: 100}, "two engineers", "old", true},
		"a date is old":                      {Rule{Field: "custom.renewal", Test: OlderThan, Days: 20}, "2026-02-01", "", true},
		"a lead isn't old":                   {Rule{Field: FieldCreated, Test: OlderThan, Days: 10}, "2026-02-20", "", false},
		"what is no date has no age":         {Rule{Field: "country", Test: NewerThan, Days: 3650}, "Germany", "", false},
		"an empty field says nothing":        {Rule{Field: "city", Test: Exists}, "", "", false},
	} {
		x.rule.Of, x.rule.Weight = OfLead, 7
		got := Rules{Rules: []Rule{x.rule}}.Judge(ann())
		want := 0
		if x.holds {
			want = 7
		}
		if p := got.Parts[0]; got.Lead != want || p.Points != want || p.Value != x.value || p.Fact != x.fact {
			t.Errorf("%s: got %d points by %q (fact %q), want %d by %q (fact %q)", name, p.Points, p.Value, p.Fact, want, x.value, x.fact)
		}
	}
}

func TestScoresAreClampedAndQualify(t *testing.T) {
	t.Parallel()
	always := func(of string, weight int) Rule { return Rule{Of: of, Field: "country", Test: Exists, Weight: weight} }
	for name, x := range map[string]struct {
		rules        []Rule
		lead, intent int
		is           string
	}{
		"nothing":               {nil, 0, 0, Unqualified},
		"a little":              {[]Rule{always(OfLead, 30)}, 30, 0, NeedsReview},
		"enough, without need":  {[]Rule{always(OfLead, 60)}, 60, 0, NeedsReview},
		"enough of both":        {[]Rule{always(OfLead, 60), always(OfIntent, 10)}, 60, 10, Qualified},
		"never above the most":  {[]Rule{always(OfLead, 90), always(OfLead, 90), always(OfIntent, 10)}, Most, 10, Qualified},
		"never below nothing":   {[]Rule{always(OfLead, -90), always(OfIntent, -1)}, 0, 0, Unqualified},
		"added before clamping": {[]Rule{always(OfLead, 100), always(OfLead, 100), always(OfLead, -150), always(OfIntent, 50)}, 50, 50, NeedsReview},
	} {
		got := Rules{Rules: x.rules, QualifiedLead: 60, QualifiedIntent: 10, ReviewLead: 30}.Judge(ann())
		if got.Lead != x.lead || got.Intent != x.intent || got.Qualification != x.is {
			t.Errorf("%s: got %d, %d, %s", name, got.Lead, got.Intent, got.Qualification)
		}
	}
}

func TestNumberIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{"250": 250, "about 250 people": 250, "1,200": 1200, "1.200": 1200, "12 500": 12500, "3.5": 3.5, "500+": 500, "51-200": 125.5, "11 to 50": 30.5, "200, 100 of them here": 200} {
		if got, ok := NumberIn(text); !ok || got != want {
			t.Errorf("%q: got %v, %v, want %v", text, got, ok, want)
		}
	}
	if _, ok := NumberIn("many"); ok {
		t.Error("a word is a number")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	knows := func(field string) bool { return field == "country" || isFact(field) || field == "job_title" }
	if err := Default().Check(knows); err != nil {
		t.Errorf("the default: %v", err)
	}
	for field, change := range map[string]func(*Rules){
		"review_lead":    func(r *Rules) { r.ReviewLead = r.QualifiedLead + 1 },
		"qualified_lead": func(r *Rules) { r.QualifiedLead, r.ReviewLead = 101, 0 },
		"rules":          func(r *Rules) { r.Rules = nil },
		"rules.0.name":   func(r *Rules) { r.Rules[0].Name = " " },
		"rules.1.name":   func(r *Rules) { r.Rules[1].Name = r.Rules[0].Name },
		"rules.0.of":     func(r *Rules) { r.Rules[0].Of = "both" },
		"rules.0.field":  func(r *Rules) { r.Rules[0].Field = "shoe" },
		"rules.0.test":   func(r *Rules) { r.Rules[0].Test = "like" },
		"rules.0.values": func(r *Rules) { r.Rules[0].Values = nil },
		"rules.2.from":   func(r *Rules) { r.Rules[2].From, r.Rules[2].To = nil, nil },
		"rules.4.days":   func(r *Rules) { r.Rules[4].Days = 0 },
		"rules.0.weight": func(r *Rules) { r.Rules[0].Weight = 0 },
	} {
		r := Default()
		change(&r)
		var wrong *FieldError
		if err := r.Check(knows); !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	if !Default().Ages() || (Rules{Rules: []Rule{{Field: "country", Test: Exists}}}).Ages() {
		t.Error("what ages isn't told from what doesn't")
	}
}
