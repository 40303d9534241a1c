package crmlike

import (
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/app/crm"
	"outrider/internal/crmapi"
	"outrider/internal/es"
	"outrider/internal/profile"
)

// Shapes are how a CRM has what it is told.
type Shapes struct {
	Contact  func(lead uuid.UUID, p profile.Profile, values map[string]string, optedOut bool) map[string]string
	Activity func(a crmapi.Activity) (object string, properties map[string]string)
}

// Expect folds an organisation's log into what the account must hold: a contact for each of some people, every activity of theirs under the settings, and who has
// opted out. It shares with the work on connections what an activity is, and nothing of how it gets there.
func Expect(log []*es.Event, settings events.CRMSettings, people map[uuid.UUID]profile.Profile, as Shapes) (State, error) {
	out := State{Contacts: map[string]map[string]string{}, Activities: map[string]Activity{}}
	wanted := map[string]bool{}
	for _, a := range settings.Activities {
		wanted[a] = true
	}
	gone := map[string]bool{}
	all, about := map[string]crmapi.Activity{}, map[string]string{}
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
		case wanted[t.Kind]:
			key := t.Activity.Key
			if was, there := all[key]; there {
				t.Activity = was.Then(t.Activity)
			}
			all[key], about[key] = t.Activity, person.Email
		}
	}
	for key, a := range all {
		object, properties := as.Activity(a)
		out.Activities[key] = Activity{Object: object, Properties: properties, About: []string{about[key]}}
	}
	for lead, p := range people {
		values := map[string]string{}
		for _, f := range settings.Fields {
			if v := crm.Ours(p, f.Field); v != "" {
				values[f.Remote] = v
			}
		}
		out.Contacts[p.Email] = as.Contact(lead, p, values, gone[p.Email])
	}
	out.OptedOut = slices.Sorted(maps.Keys(gone))
	return out, nil
}
