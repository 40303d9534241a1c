package score

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a rule set.
const (
	MaxRules  = 50
	MaxValues = 100
	MaxText   = 200 // of a name or a value, in bytes
	MaxDays   = 3650
)

// FieldError says what is wrong with a rule set.
type FieldError struct{ Field, Reason string }

func (e *FieldError) Error() string { return e.Field + ": " + e.Reason }

// Check returns a *FieldError for a rule set that can't be used. knows reports whether there can be a field of a name.
func (r Rules) Check(knows func(field string) bool) error {
	for name, v := range map[string]int{"qualified_lead": r.QualifiedLead, "qualified_intent": r.QualifiedIntent, "review_lead": r.ReviewLead} {
		if v < 0 || v > Most {
			return &FieldError{name, "must be 0 to 100"}
		}
	}
	switch {
	case r.ReviewLead > r.QualifiedLead:
		return &FieldError{"review_lead", "must not be above qualified_lead"}
	case len(r.Rules) == 0 || len(r.Rules) > MaxRules:
		return &FieldError{"rules", "must be 1 to " + strconv.Itoa(MaxRules)}
	}
	names := map[string]bool{}
	for i, rule := range r.Rules {
		field := func(name string) string { return fmt.Sprintf("rules.%d.%s", i, name) }
		if field, reason := rule.check(field, knows); reason != "" {
			return &FieldError{field, reason}
		}
		if names[rule.Name] {
			return &FieldError{field("name"), "is that of another rule"}
		}
		names[rule.Name] = true
	}
	return nil
}

func (r Rule) check(field func(string) string, knows func(string) bool) (where, reason string) {
	switch {
	case strings.TrimSpace(r.Name) == "" || len(r.Name) > MaxText:
		return field("name"), "must be 1 to 200 characters"
	case r.Of != OfLead && r.Of != OfIntent:
		return field("of"), "must be lead or intent"
	case !knows(r.Field):
		return field("field"), "is no field of a lead, and no fact"
	case !slices.Contains(Tests(), r.Test):
		return field("test"), "must be one of " + strings.Join(Tests(), ", ")
	case r.Weight == 0 || r.Weight < -Most || r.Weight > Most:
		return field("weight"), "must be -100 to 100, and not 0"
	}
	switch r.Test {
	case Equals, OneOf, Contains:
		if len(r.Values) == 0 || len(r.Values) > MaxValues || r.Test == Equals && len(r.Values) != 1 {
			return field("values"), "must be 1 to 100, of equals one"
		}
		for _, v := range r.Values {
			if len(v) > MaxText || strings.TrimSpace(v) == "" || r.Test == Contains && len(wordsOf(v)) == 0 {
				return field("values"), "must be 1 to 200 characters each, of contains words"
			}
		}
	case Range:
		if r.From == nil && r.To == nil || r.From != nil && r.To != nil && *r.From > *r.To {
			return field("from"), "a range has from, to or both, in this order"
		}
	case OlderThan, NewerThan:
		if r.Days < 1 || r.Days > MaxDays {
			return field("days"), "must be 1 to 3650"
		}
	}
	return "", ""
}

// Default is the rubric to begin with: where the company is, what it does, how large it is, who the person is, and signs of a need. The values are examples.
func Default() Rules {
	from, to := 11.0, 500.0
	return Rules{QualifiedLead: 60, QualifiedIntent: 0, ReviewLead: 30, Rules: []Rule{
		{Name: "Location: a market of ours", Of: OfLead, Field: "country", Test: OneOf, Values: []string{"Germany", "Austria", "Switzerland", "United Kingdom", "United States", "France", "Netherlands"}, Weight: 25},
		{Name: "Industry: one that we know", Of: OfLead, Field: "fact.industry", Test: Contains, Values: []string{"software", "technology", "logistics", "manufacturing", "finance"}, Weight: 20},
		{Name: "Size: 11 to 500 people", Of: OfLead, Field: "fact.employees", Test: Range, From: &from, To: &to, Weight: 20},
		{Name: "Person: decides", Of: OfLead, Field: "job_title", Test: Contains, Values: []string{"head", "director", "vp", "chief", "ceo", "cto", "coo", "founder", "owner", "managing director"}, Weight: 35},
		{Name: "Need: is hiring", Of: OfIntent, Field: "fact.hiring", Test: NewerThan, Days: 90, Weight: 40},
		{Name: "Need: has raised money", Of: OfIntent, Field: "fact.raised", Test: NewerThan, Days: 180, Weight: 30},
		{Name: "Need: has launched something", Of: OfIntent, Field: "fact.launched", Test: NewerThan, Days: 180, Weight: 15},
		{Name: "Need: has opened an office", Of: OfIntent, Field: "fact.opened", Test: NewerThan, Days: 180, Weight: 15},
	}}
}
