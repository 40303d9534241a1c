// Package crm decides what a lead and its contact in a CRM learn of each other.
package crm

import (
	"strings"
	"time"

	"outrider/events"
)

// Side is one value of a field, and when its side was changed last, by our clock.
type Side struct {
	Value string
	At    time.Time
}

// Verdict is what becomes of a field.
type Verdict struct {
	Push     bool // ours goes there
	Take     bool // theirs comes here
	Conflict bool // both have changed it
}

// Kept names whose value stands.
func (v Verdict) Kept() string {
	if v.Take {
		return events.CRMTheirs
	}
	return events.CRMOurs
}

// Merge compares both values of a field with the one that both had last, of which only the hash is known ("" = they never agreed). A blank overwrites nothing. What has
// changed on one side goes to the other; what has changed on both is a conflict, which the field's rule decides. A value of ours that comes back as a change of theirs
// is equal, so nothing follows from it.
func Merge(rule events.CRMField, ours, theirs Side, agreed string, hash func(string) string) Verdict {
	a, b := strings.TrimSpace(ours.Value), strings.TrimSpace(theirs.Value)
	switch {
	case a == b:
		return Verdict{}
	case rule.Direction == events.CRMOut:
		return Verdict{Push: a != ""}
	case rule.Direction == events.CRMIn:
		return Verdict{Take: b != ""}
	case a == "":
		return Verdict{Take: true}
	case b == "":
		return Verdict{Push: true}
	case agreed != "" && hash(b) == agreed:
		return Verdict{Push: true}
	case agreed != "" && hash(a) == agreed:
		return Verdict{Take: true}
	}
	v := Verdict{Conflict: true}
	v.Take = rule.Wins == events.CRMTheirs || rule.Wins == events.CRMNewest && theirs.At.After(ours.At)
	v.Push = !v.Take
	return v
}
