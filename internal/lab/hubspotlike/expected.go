package hubspotlike

import (
	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/crmapi"
	"outrider/internal/es"
	"outrider/internal/hubspot"
	"outrider/internal/lab/crmlike"
	"outrider/internal/profile"
)

// Expect folds an organisation's log into what the account must hold.
func Expect(log []*es.Event, settings events.CRMSettings, people map[uuid.UUID]profile.Profile) (State, error) {
	return crmlike.Expect(log, settings, people, crmlike.Shapes{
		Contact: func(_ uuid.UUID, p profile.Profile, values map[string]string, optedOut bool) map[string]string {
			values["email"] = p.Email
			if optedOut {
				values["hs_email_optout"] = "true"
			}
			return values
		},
		Activity: func(a crmapi.Activity) (string, map[string]string) {
			object, properties := hubspot.PropertiesOf(a)
			properties[hubspot.UniqueProperty] = a.Key
			return object, properties
		},
	})
}
