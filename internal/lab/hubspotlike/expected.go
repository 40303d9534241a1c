package hubspotlike

import (
	"fmt"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/app/crm"
	"outrider/internal/es"
	"outrider/internal/profile"
)

// Expect folds an organisation's log into what the account must hold: a contact for each of some people, every activity of theirs under the settings, and who has
// opted out. It shares with the work on connections what an activity is, and nothing of how it gets there.
func Expect(log []*es.Event, settings events.CRMSettings, people map[uuid.UUID]profile.Profile) (State, error) {
	out := State{Contacts: map[string]map[string]string{}, Activities: map[string]Activity{}}
	for _, p := range people {
		c := map[string]string{"email": p.Email}
		for _, f := range settings.Fields {
			if v := crm.Ours(p, f.Field); v != "" {
				c[f.Remote] = v
			}
		}
		out.Contacts[p.Email] = c
	}
	wanted := map[string]bool{}
	for _, a := range settings.Activities {
		wanted[a] = true
	}
	gone := map[string]bool{}
	for _, e := range log {
		payload, err := events.Decode(e.Type, e.Data)
		if err != nil {
			return out, fmt.Errorf("fold the log for a CRM: %w", err)
		}
		t, ok := crm.Describe(e, events.Newest(payload))
		person, known := people[t.Lead]
		switch {
		case !ok || !known:
		case t.Kind == crm.TaskOptOut:
			gone[person.Email] = true
			out.Contacts[person.Email]["hs_email_optout"] = "true"
		case wanted[t.Kind]:
			a, there := out.Activities[t.Activity.Key]
			if !there {
				a = Activity{Object: t.Activity.Object, Properties: map[string]string{crm.UniqueProperty: t.Activity.Key}, About: []string{person.Email}}
				out.Activities[t.Activity.Key] = a
			}
			for name, v := range t.Activity.Properties {
				a.Properties[name] = v
			}
		}
	}
	out.OptedOut = sorted(gone)
	return out, nil
}
