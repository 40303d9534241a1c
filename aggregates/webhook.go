package aggregates

import (
	"slices"

	"github.com/google/uuid"

	"outrider/events"
)

// Webhook is an endpoint to which events are delivered.
type Webhook struct {
	Settings events.WebhookSettings
	Off      bool
	Rotation uuid.UUID // the newest
}

// SameSettings reports whether settings are equal.
func SameSettings(a, b events.WebhookSettings) bool {
	return a.Name == b.Name && a.Version == b.Version && a.Personal == b.Personal && a.URL.K == b.URL.K && slices.Equal(a.URL.C, b.URL.C) && slices.Equal(a.Types, b.Types)
}

// Webhooks of an organisation, by id.
type Webhooks map[uuid.UUID]*Webhook

func (w *Webhooks) applyEvent(event events.WebhookEvent) {
	is := (*w)[event.Webhook()]
	if added, ok := event.(events.WebhookAdded); ok {
		if *w == nil {
			*w = Webhooks{}
		}
		(*w)[added.WebhookID] = &Webhook{Settings: added.WebhookSettings}
		return
	}
	if is == nil {
		return
	}
	switch e := event.(type) {
	case events.WebhookChanged:
		is.Settings = e.WebhookSettings
	case events.WebhookSecretRotated:
		is.Rotation = e.RotationID
	case events.WebhookDisabled:
		is.Off = true
	case events.WebhookEnabled:
		is.Off = false
	case events.WebhookRemoved:
		delete(*w, e.WebhookID)
	case events.WebhookAdded, events.WebhookTested, events.WebhookReplayRequested, events.WebhookRedeliveryRequested: // change nothing here
	}
}
