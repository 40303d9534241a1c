package crm

import (
	"fmt"
	"slices"
	"strings"

	"outrider/events"
	"outrider/internal/hubspot"
	"outrider/internal/leadfields"
	"outrider/internal/profile"
)

// Names of properties that are read of every contact, besides the mapped ones.
const (
	PropertyEmail    = "email"
	PropertyOptOut   = "hs_email_optout"
	PropertyModified = "lastmodifieddate"
	PropertyStage    = "lifecyclestage"
	PropertyOwner    = "hubspot_owner_id"
)

// DefaultSettings map what both sides have by nature. What is in the CRM is not created by us unless somebody wants that.
func DefaultSettings() events.CRMSettings {
	s := events.CRMSettings{OnErase: events.CRMKeep, Activities: []string{events.ActivitySent, events.ActivityReply, events.ActivityMeeting, events.ActivityUnsubscribed, events.ActivityBounced}}
	for _, pair := range [][2]string{{"first_name", "firstname"}, {"last_name", "lastname"}, {"company_name", "company"}, {"job_title", "jobtitle"}, {"phone", "phone"}, {"website", "website"}, {"city", "city"}, {"country", "country"}} {
		s.Fields = append(s.Fields, events.CRMField{Field: pair[0], Remote: pair[1], Direction: events.CRMBoth, Wins: events.CRMNewest})
	}
	return s
}

// FieldProblem says what is wrong with an entry of a map, numbered from 0.
type FieldProblem struct {
	Index  int
	Member string // field, remote, direction; stage of stages
	Reason string
}

func (p *FieldProblem) Error() string { return p.Reason }

// Check holds settings against what the CRM has; nil = they fit.
func Check(s events.CRMSettings, properties []hubspot.Property) *FieldProblem {
	find := func(name string) *hubspot.Property {
		i := slices.IndexFunc(properties, func(p hubspot.Property) bool { return p.Name == name && !p.Archived })
		if i < 0 {
			return nil
		}
		return &properties[i]
	}
	for i, f := range s.Fields {
		own, isOwn := strings.CutPrefix(f.Field, profile.CustomPrefix)
		p := find(f.Remote)
		switch {
		case isOwn && !profile.IsCustomName(own), !isOwn && (f.Field == leadfields.Email || !slices.Contains(leadfields.Names(), f.Field)):
			return &FieldProblem{i, "field", fmt.Sprintf("%q is no field of a lead that can be mapped", f.Field)}
		case p == nil:
			return &FieldProblem{i, "remote", fmt.Sprintf("the account has no property %q of contacts", f.Remote)}
		case f.Direction != events.CRMIn && (p.Modification.ReadOnly || f.Remote == PropertyOwner || f.Remote == PropertyOptOut):
			return &FieldProblem{i, "direction", fmt.Sprintf("%s can only be read, so the direction must be in", p.Label)}
		case f.Direction != events.CRMIn && p.Type != "string" && p.Type != "phone_number":
			return &FieldProblem{i, "remote", fmt.Sprintf("%s is of type %s: text of a lead doesn't fit there, so the direction must be in", p.Label, p.Type)}
		}
	}
	for i, st := range s.Stages {
		if p := find(PropertyStage); p == nil || !slices.Contains(optionsOf(p), st.Stage) {
			return &FieldProblem{i, "stage", fmt.Sprintf("the account has no lifecycle stage %q", st.Stage)}
		}
	}
	return nil
}

func optionsOf(p *hubspot.Property) (out []string) {
	for _, o := range p.Options {
		out = append(out, o.Value)
	}
	return out
}

// PropertiesOf are those that are read of contacts under some settings.
func PropertiesOf(s events.CRMSettings) []string {
	out := []string{PropertyEmail, PropertyOptOut, PropertyModified, PropertyStage}
	for _, f := range s.Fields {
		if !slices.Contains(out, f.Remote) {
			out = append(out, f.Remote)
		}
	}
	return out
}

// Owners are names of a CRM's users, by id.
type Owners map[string]string

// OwnersOf indexes a list.
func OwnersOf(all []hubspot.Owner) Owners {
	out := Owners{}
	for _, o := range all {
		out[o.ID] = o.Name()
	}
	return out
}

// Theirs is a contact's value of a property as a lead would have it: an owner by name.
func Theirs(c hubspot.Object, property string, owners Owners) string {
	v := c.Value(property)
	if property == PropertyOwner && v != "" {
		if name := owners[v]; name != "" {
			return name
		}
	}
	return strings.TrimSpace(v)
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
func StageFor(stages []events.CRMStage, happened string, contact hubspot.Object, order []string) string {
	best := ""
	for _, s := range stages {
		if slices.Index(reached, s.When) <= slices.Index(reached, happened) && slices.Index(order, s.Stage) > slices.Index(order, best) {
			best = s.Stage
		}
	}
	if best == "" || slices.Index(order, best) <= slices.Index(order, contact.Value(PropertyStage)) {
		return ""
	}
	return best
}

// StagesOf are the account's lifecycle stages, the earliest first.
func StagesOf(properties []hubspot.Property) []string {
	for i := range properties {
		if properties[i].Name == PropertyStage {
			return optionsOf(&properties[i])
		}
	}
	return nil
}
