package salesforcelike

import (
	"slices"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/crmapi"
	"outrider/internal/es"
	"outrider/internal/lab/crmlike"
	"outrider/internal/profile"
	"outrider/internal/salesforce"
)

// State returns what the account holds. A lead that was converted is its contact.
func (s *Server) State() crmlike.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := crmlike.State{Contacts: map[string]map[string]string{}, Activities: map[string]crmlike.Activity{}, OptedOut: []string{}}
	for _, object := range []string{contact, lead} {
		for _, r := range s.records[object] {
			if r.deleted || r.values["IsConverted"] != "" {
				continue
			}
			own := map[string]string{}
			for name, v := range r.values {
				if name != KeyField && name != "OwnerId" && v != untouched {
					own[name] = v
				}
			}
			email := r.values["Email"]
			for out.Contacts[email] != nil {
				email += " once more"
			}
			out.Contacts[email] = own
			if own["HasOptedOutOfEmail"] != "" {
				out.OptedOut = append(out.OptedOut, email)
			}
		}
	}
	slices.Sort(out.OptedOut)
	for _, r := range s.records[task] {
		if r.deleted {
			continue
		}
		a := crmlike.Activity{Object: task, Properties: map[string]string{}, About: []string{}}
		for name, v := range r.values {
			if name != "WhoId" {
				a.Properties[name] = v
			}
		}
		if who := s.byID[r.values["WhoId"]]; who != nil {
			a.About = append(a.About, who.values["Email"])
		}
		key := r.values[KeyField]
		for out.Activities[key].Object != "" {
			key += " once more"
		}
		out.Activities[key] = a
	}
	return out
}

// texts are values as the state has them.
func texts(values map[string]any) map[string]string {
	out := map[string]string{}
	for name, v := range values {
		switch v := v.(type) {
		case string:
			if v != "" {
				out[name] = v
			}
		case bool:
			if v {
				out[name] = "true"
			}
		}
	}
	return out
}

// Expect folds an organisation's log into what the account must hold, of people who are leads there.
func Expect(log []*es.Event, settings events.CRMSettings, people map[uuid.UUID]profile.Profile) (crmlike.State, error) {
	return crmlike.Expect(log, settings, people, crmlike.Shapes{
		Contact: func(lead uuid.UUID, p profile.Profile, values map[string]string, optedOut bool) map[string]string {
			out := texts(salesforce.LeadOf(crmapi.Write{Key: lead.String(), Email: p.Email, Values: values, OptedOut: optedOut}))
			delete(out, KeyField)
			return out
		},
		Activity: func(a crmapi.Activity) (string, map[string]string) {
			out := texts(salesforce.TaskOf(a))
			out[KeyField] = a.Key
			return task, out
		},
	})
}
