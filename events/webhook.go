package events

import (
	"time"

	"github.com/google/uuid"
)

// WebhookRef names an endpoint of an organisation to which events are delivered.
type WebhookRef struct {
	WebhookID uuid.UUID `json:"webhook_id"`
}

func (r WebhookRef) AggregateID() string { return r.WebhookID.String() }
func (r WebhookRef) Webhook() uuid.UUID  { return r.WebhookID }

// Who made a webhook.
const (
	WebhookEndpoint = "endpoint"  // a person, for a program of theirs
	WebhookRESTHook = "rest_hook" // a program that subscribes and unsubscribes by itself, such as Zapier
)

// WebhookSettings say what is delivered where. The URL is sealed under a key of the webhook: many hold a token.
type WebhookSettings struct {
	Name     string   `json:"name,omitzero"`
	URL      Sealed   `json:"url"`
	Types    []string `json:"types"`    // that are delivered, by their public names; none = all
	Version  int      `json:"version"`  // of the payloads
	Personal bool     `json:"personal"` // they hold who the lead is
}

// WebhookAdded begins deliveries, with what happens after it.
type WebhookAdded struct {
	WebhookRef
	Kind string `json:"kind"`
	WebhookSettings
}

func (WebhookAdded) EventType() string { return "webhook.added.v1" }

// WebhookChanged has all settings as they are from here on.
type WebhookChanged struct {
	WebhookRef
	WebhookSettings
}

func (WebhookChanged) EventType() string { return "webhook.changed.v1" }

// WebhookSecretRotated says that deliveries are signed by another secret, and until an instant by the one before too.
type WebhookSecretRotated struct {
	WebhookRef
	RotationID uuid.UUID `json:"rotation_id"`
	OldUntil   time.Time `json:"old_until"`
}

func (WebhookSecretRotated) EventType() string { return "webhook.secret_rotated.v1" }

// Why nothing is delivered to a webhook.
const (
	WebhookOffGone    = "gone"    // it answered 410
	WebhookOffFailing = "failing" // a delivery was given up, and none has succeeded since it was begun
	WebhookOffAsked   = "asked"   // somebody switched it off
)

// WebhookDisabled ends deliveries until WebhookEnabled. What waited goes on then; what happens in between isn't delivered by itself.
type WebhookDisabled struct {
	WebhookRef
	Reason string    `json:"reason"`
	Since  time.Time `json:"since,omitzero"` // of failing: when the last delivery succeeded, or when trying began
	Status int       `json:"status,omitzero"`
}

func (WebhookDisabled) EventType() string { return "webhook.disabled.v1" }

// WebhookEnabled goes on with deliveries.
type WebhookEnabled struct {
	WebhookRef
}

func (WebhookEnabled) EventType() string { return "webhook.enabled.v1" }

// WebhookRemoved ends deliveries for good.
type WebhookRemoved struct {
	WebhookRef
}

func (WebhookRemoved) EventType() string { return "webhook.removed.v1" }

// WebhookTested is delivered itself, to that webhook alone.
type WebhookTested struct {
	WebhookRef
	TestID uuid.UUID `json:"test_id"`
}

func (WebhookTested) EventType() string { return "webhook.tested.v1" }

// WebhookReplayRequested asks for the events of a period once more, from the log and with the ids that they had.
type WebhookReplayRequested struct {
	WebhookRef
	ReplayID uuid.UUID `json:"replay_id"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
}

func (WebhookReplayRequested) EventType() string { return "webhook.replay_requested.v1" }

// WebhookRedeliveryRequested asks for one delivery once more.
type WebhookRedeliveryRequested struct {
	WebhookRef
	RedeliveryID uuid.UUID `json:"redelivery_id"`
	DeliveryID   uuid.UUID `json:"delivery_id"`
}

func (WebhookRedeliveryRequested) EventType() string { return "webhook.redelivery_requested.v1" }
