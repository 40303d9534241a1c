package commands

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

const (
	// MaxWebhooks bounds those of an organisation.
	MaxWebhooks = 100
	// MaxReplay bounds the period of a replay.
	MaxReplay = 31 * 24 * time.Hour
	// MaxOverlap bounds how long an old secret still signs.
	MaxOverlap = 7 * 24 * time.Hour

	maxWebhookTypes = 100
)

// AddWebhook begins deliveries to an endpoint. The edge has checked the URL, and that the types are known.
type AddWebhook struct {
	events.WebhookRef
	Kind string `json:"kind"`
	events.WebhookSettings
}

func (AddWebhook) CommandType() string { return "webhook.add.v1" }

// Decide has nothing to do for a webhook that there is.
func (c AddWebhook) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if c.WebhookID == uuid.Nil {
		return nil, errInvalid("webhook_id", "is missing")
	}
	if c.Kind != events.WebhookEndpoint && c.Kind != events.WebhookRESTHook {
		return nil, errInvalid("kind", "must be endpoint or rest_hook")
	}
	if err := checkWebhookSettings(c.WebhookSettings); err != nil {
		return nil, err
	}
	switch is := o.Webhooks[c.WebhookID]; {
	case is != nil && aggregates.SameSettings(is.Settings, c.WebhookSettings):
		return nil, nil
	case is != nil:
		return nil, errAlreadyExists(c.WebhookID)
	case len(o.Webhooks) >= MaxWebhooks:
		return nil, errInvalid("url", "an organisation has at most "+strconv.Itoa(MaxWebhooks)+" webhooks")
	}
	return oneEvent(events.WebhookAdded(c))
}

func checkWebhookSettings(s events.WebhookSettings) error {
	if err := checkText("name", s.Name, 0, 100); err != nil {
		return err
	}
	switch {
	case s.URL.IsZero():
		return errInvalid("url", "is missing")
	case s.Version < 1:
		return errInvalid("version", "must be 1 or more")
	case len(s.Types) > maxWebhookTypes:
		return errInvalid("types", "are at most "+strconv.Itoa(maxWebhookTypes))
	}
	for i, t := range s.Types {
		if err := checkText("types", t, 1, 60); err != nil {
			return err
		}
		if slices.Contains(s.Types[:i], t) {
			return errInvalid("types", t+" is there twice")
		}
	}
	return nil
}

// ChangeWebhook changes what is given; the rest stays.
type ChangeWebhook struct {
	events.WebhookRef
	Name     *string       `json:"name,omitzero"`
	URL      events.Sealed `json:"url,omitzero"`
	Types    *[]string     `json:"types,omitzero"`
	Version  int           `json:"version,omitzero"`
	Personal *bool         `json:"personal,omitzero"`
	Off      *bool         `json:"off,omitzero"` // switches it off or on
}

func (ChangeWebhook) CommandType() string { return "webhook.change.v1" }

// Decide says what differs: the settings, and whether it is on.
func (c ChangeWebhook) Decide(_ time.Time, o *aggregates.Organization) (out []events.Event, _ error) {
	is := o.Webhooks[c.WebhookID]
	if is == nil {
		return nil, errNotFound(c.WebhookID)
	}
	s := is.Settings
	setGiven(&s.Name, c.Name)
	setGiven(&s.Types, c.Types)
	setGiven(&s.Personal, c.Personal)
	if !c.URL.IsZero() {
		s.URL = c.URL
	}
	if c.Version != 0 {
		s.Version = c.Version
	}
	if err := checkWebhookSettings(s); err != nil {
		return nil, err
	}
	if !aggregates.SameSettings(is.Settings, s) {
		out = append(out, events.WebhookChanged{WebhookRef: c.WebhookRef, WebhookSettings: s})
	}
	if c.Off != nil && *c.Off != is.Off {
		if *c.Off {
			out = append(out, events.WebhookDisabled{WebhookRef: c.WebhookRef, Reason: events.WebhookOffAsked})
		} else {
			out = append(out, events.WebhookEnabled{WebhookRef: c.WebhookRef})
		}
	}
	return out, nil
}

// RotateWebhookSecret records that the edge has stored another secret.
type RotateWebhookSecret struct {
	events.WebhookRef
	RotationID uuid.UUID `json:"rotation_id"`
	OldUntil   time.Time `json:"old_until"`
}

func (RotateWebhookSecret) CommandType() string { return "webhook.rotate_secret.v1" }

// Decide has nothing to do for the newest rotation.
func (c RotateWebhookSecret) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Webhooks[c.WebhookID]
	switch {
	case is == nil:
		return nil, errNotFound(c.WebhookID)
	case c.RotationID == uuid.Nil:
		return nil, errInvalid("rotation_id", "is missing")
	case c.OldUntil.After(now.Add(MaxOverlap)):
		return nil, errInvalid("old_until", "is at most a week from now")
	case is.Rotation == c.RotationID:
		return nil, nil
	}
	return oneEvent(events.WebhookSecretRotated(c))
}

// DisableWebhook ends deliveries that lead nowhere.
type DisableWebhook struct {
	events.WebhookRef
	Reason string    `json:"reason"`
	Since  time.Time `json:"since,omitzero"`
	Status int       `json:"status,omitzero"`
}

func (DisableWebhook) CommandType() string { return "webhook.disable.v1" }

// Decide has nothing to do for one that is off or gone: it is the deliveries that ask.
func (c DisableWebhook) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if c.Reason != events.WebhookOffGone && c.Reason != events.WebhookOffFailing {
		return nil, errInvalid("reason", "must be gone or failing")
	}
	if is := o.Webhooks[c.WebhookID]; is == nil || is.Off {
		return nil, nil
	}
	return oneEvent(events.WebhookDisabled(c))
}

// RemoveWebhook ends deliveries for good.
type RemoveWebhook struct {
	events.WebhookRef
}

func (RemoveWebhook) CommandType() string { return "webhook.remove.v1" }

// Decide forgets it, so the second request finds none.
func (c RemoveWebhook) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if o.Webhooks[c.WebhookID] == nil {
		return nil, errNotFound(c.WebhookID)
	}
	return oneEvent(events.WebhookRemoved(c))
}

// TestWebhook asks for a delivery that says nothing.
type TestWebhook struct {
	events.WebhookRef
	TestID uuid.UUID `json:"test_id"`
}

func (TestWebhook) CommandType() string { return "webhook.test.v1" }

// Decide records each test.
func (c TestWebhook) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkDelivering(o, c.WebhookID, "test_id", c.TestID); err != nil {
		return nil, err
	}
	return oneEvent(events.WebhookTested(c))
}

// checkDelivering wants a webhook that is on.
func checkDelivering(o *aggregates.Organization, webhook uuid.UUID, field string, id uuid.UUID) error {
	is := o.Webhooks[webhook]
	switch {
	case is == nil:
		return errNotFound(webhook)
	case id == uuid.Nil:
		return errInvalid(field, "is missing")
	case is.Off:
		return refuseAbout(webhook, CodeWrongStatus, detailStatus{webhook, "off"})
	}
	return nil
}

// ReplayWebhook asks for the events of a period once more.
type ReplayWebhook struct {
	events.WebhookRef
	ReplayID uuid.UUID `json:"replay_id"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
}

func (ReplayWebhook) CommandType() string { return "webhook.replay.v1" }

// Decide records each replay.
func (c ReplayWebhook) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkDelivering(o, c.WebhookID, "replay_id", c.ReplayID); err != nil {
		return nil, err
	}
	switch {
	case !c.From.Before(c.To):
		return nil, errInvalid("to", "must be after from")
	case c.To.After(now):
		return nil, errInvalid("to", "must not be in the future")
	case c.To.Sub(c.From) > MaxReplay:
		return nil, errInvalid("from", "is at most 31 days before to")
	}
	return oneEvent(events.WebhookReplayRequested(c))
}

// RedeliverWebhook asks for one delivery once more. The edge has found it.
type RedeliverWebhook struct {
	events.WebhookRef
	RedeliveryID uuid.UUID `json:"redelivery_id"`
	DeliveryID   uuid.UUID `json:"delivery_id"`
}

func (RedeliverWebhook) CommandType() string { return "webhook.redeliver.v1" }

// Decide records each.
func (c RedeliverWebhook) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkDelivering(o, c.WebhookID, "redelivery_id", c.RedeliveryID); err != nil {
		return nil, err
	}
	if c.DeliveryID == uuid.Nil {
		return nil, errInvalid("delivery_id", "is missing")
	}
	return oneEvent(events.WebhookRedeliveryRequested(c))
}
