package crm

import (
	"fmt"
	"slices"
	"strings"

	"outrider/events"
	"outrider/internal/crmapi"
	"outrider/internal/hubspot"
	"outrider/internal/leadfields"
	"outrider/internal/profile"
)

// DefaultSettings are what is proposed for HubSpot.
func DefaultSettings() events.CRMSettings { return ProposedSettings((*hubspot.Client)(nil).Usual()) }

// ProposedSettings map what both sides have by nature. Leads aren't created in the CRM unless somebody wants that.
func ProposedSettings(usual [][2]string) events.CRMSettings {
	s := events.CRMSettings{OnErase: events.CRMKeep, Activities: []string{events.ActivitySent, events.ActivityReply, events.ActivityMeeting, events.ActivityUnsubscribed, events.ActivityBounced}}
	for _, pair := range usual {
		s.Fields = append(s.Fields, events.CRMField{Field: pair[0], Remote: pair[1], Direction: events.CRMBoth, Wins: events.CRMNewest})
	}
	return s
}

// FieldProblem says what is wrong with an entry of a map, numbered from 0.
type FieldProblem struct {
	Index  int
	Member string // field, remote, direction; stage of stages; account: what it lacks
	Reason string
}

func (p *FieldProblem) Error() string { return p.Reason }

// Check holds settings against what the CRM has; nil = they fit.
func Check(s events.CRMSettings, has crmapi.Schema) *FieldProblem {
	if len(has.Lacks) > 0 {
		return &FieldProblem{-1, "account", strings.Join(has.Lacks, "; ")}
	}
	for i, f := range s.Fields {
		own, isOwn := strings.CutPrefix(f.Field, profile.CustomPrefix)
		at := slices.IndexFunc(has.Fields, func(p crmapi.Field) bool { return p.Name == f.Remote })
		if isOwn && !profile.IsCustomName(own) || !isOwn && (f.Field == leadfields.Email || !slices.Contains(leadfields.Names(), f.Field)) {
			return &FieldProblem{i, "field", fmt.Sprintf("%q is no field of a lead that can be mapped", f.Field)}
		}
		if at < 0 {
			return &FieldProblem{i, "remote", fmt.Sprintf("the account has no property %q of contacts", f.Remote)}
		}
		switch p := has.Fields[at]; {
		case f.Direction != events.CRMIn && p.ReadOnly:
			return &FieldProblem{i, "direction", fmt.Sprintf("%s can only be read, so the direction must be in", p.Label)}
		case f.Direction != events.CRMIn && !p.Text:
			return &FieldProblem{i, "remote", fmt.Sprintf("%s is of type %s: text of a lead doesn't fit there, so the direction must be in", p.Label, p.Type)}
		}
	}
	for i, st := range s.Stages {
		if !slices.Contains(has.Stages, st.Stage) {
			return &FieldProblem{i, "stage", fmt.Sprintf("the account has no lifecycle stage %q", st.Stage)}
		}
	}
	return nil
}

// RemotesOf are the CRM's names of what is mapped.
func RemotesOf(s events.CRMSettings) (out []string) {
	for _, f := range s.Fields {
		out = append(out, f.Remote)
	}
	return out
}

// Ours is a lead's value of a field.
func Ours(p profile.Profile, field string) string {
	if own, isOwn := strings.CutPrefix(field, profile.CustomPrefix); isOwn {
		return strings.TrimSpace(p.Custom[own])
	}
	if v := p.Field(field); v != nil {
		return strings.TrimSpace(*v)
	}
	return ""
}

// reached orders what happens to a lead; later ones hold the earlier.
var reached = []string{"contacted", "replied", "meeting_booked"} //nolint:gochecknoglobals // a constant

// StageFor returns the stage that a lead has reached by what has happened here, "" = none, or one that is behind where the contact is.
// order are the account's stages, the earliest first.
func StageFor(stages []events.CRMStage, happened string, contact crmapi.Contact, order []string) string {
	best := ""
	for _, s := range stages {
		if slices.Index(reached, s.When) <= slices.Index(reached, happened) && slices.Index(order, s.Stage) > slices.Index(order, best) {
			best = s.Stage
		}
	}
	if best == "" || contact.Stageless || slices.Index(order, best) <= slices.Index(order, contact.Stage) {
		return ""
	}
	return best
}
