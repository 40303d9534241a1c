// Package score adds up what is known of a lead by an organisation's rules. It is pure: the same rules and the same input give the same score.
package score

import (
	"slices"
	"time"
)

// What a rule adds to.
const (
	OfLead   = "lead"   // how well the lead fits
	OfIntent = "intent" // how much speaks for a need now
)

// What a lead is, by their scores.
const (
	Qualified   = "qualified"
	NeedsReview = "needs_review"
	Unqualified = "unqualified"
)

// Most is the highest score; the lowest is 0.
const Most = 100

// Rules are a rule set.
type Rules struct {
	Rules           []Rule
	QualifiedLead   int // a lead is qualified whose lead score is at least this,
	QualifiedIntent int // and whose intent score at least that
	ReviewLead      int // below this lead score they are unqualified
}

// Rule adds its weight when its test holds for what a field says.
type Rule struct {
	Name   string
	Of     string // one of OfLead and OfIntent
	Field  string // see Fields
	Test   string // see Tests
	Values []string
	From   *float64 // of a range, both included; nil = no end
	To     *float64
	Days   int // of older_than and newer_than
	Weight int
}

// Fact is something that is known of the lead or their company.
type Fact struct {
	ID        string
	Predicate string
	Object    string
	FoundAt   time.Time
}

// Input is what is known of a lead.
type Input struct {
	Fields map[string]string // by name; fields of the organisation's own as custom.NAME, the company's as company.NAME
	Tags   []string
	Facts  []Fact // that may be said
	Dates  map[string]time.Time
	At     time.Time // for which the score is
}

// Part is what one rule adds.
type Part struct {
	Rule   Rule
	Points int    // 0 = its test doesn't hold
	Value  string // what the field says; "" = nothing
	Fact   string // id of the fact that says it
}

// Result is a lead's scores with all their parts, in the order of the rules.
type Result struct {
	Lead, Intent  int
	Qualification string
	Parts         []Part
}

// Judge adds up.
func (r Rules) Judge(in *Input) Result {
	out := Result{Parts: make([]Part, len(r.Rules))}
	for i, rule := range r.Rules {
		part := rule.apply(in)
		out.Parts[i] = part
		if rule.Of == OfIntent {
			out.Intent += part.Points
		} else {
			out.Lead += part.Points
		}
	}
	out.Lead, out.Intent = clamp(out.Lead), clamp(out.Intent)
	out.Qualification = r.qualification(out.Lead, out.Intent)
	return out
}

func (r Rules) qualification(lead, intent int) string {
	switch {
	case lead >= r.QualifiedLead && intent >= r.QualifiedIntent:
		return Qualified
	case lead < r.ReviewLead:
		return Unqualified
	}
	return NeedsReview
}

func clamp(points int) int { return max(0, min(points, Most)) }

// Ages reports whether time alone can change a score: by an age that a rule asks for, or as facts expire.
func (r Rules) Ages() bool {
	for _, rule := range r.Rules {
		if rule.Test == OlderThan || rule.Test == NewerThan || isFact(rule.Field) {
			return true
		}
	}
	return false
}

// UsesFacts reports whether a rule asks for a fact.
func (r Rules) UsesFacts() bool {
	return slices.ContainsFunc(r.Rules, func(rule Rule) bool { return isFact(rule.Field) })
}
