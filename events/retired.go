package events

import (
	"github.com/google/uuid"

	"outrider/internal/es"
)

// Shapes that are no longer written live here, with how they read as the next one. To change an event's shape: copy its
// struct here as FooV1 with its old type string and an Upcast, give the current struct the type string ".v2", and put
// retired[FooV1]() beside current[Foo]() in the catalogue. Its schema stays; a test sees to that. Upcasts chain: FooV1
// may give FooV2, itself retired. They never touch stored bytes, so the hash chain holds.

// Upcaster is a retired event; Upcast gives it as a newer one.
type Upcaster interface {
	Event
	Upcast() Event
}

func retired[Old Upcaster]() Entry {
	var zero Old
	return Entry{Zero: zero, Retired: true, decode: func(data []byte) (Event, error) {
		var old Old
		if err := es.Unmarshal(data, &old); err != nil {
			return nil, err
		}
		e := old.Upcast()
		for u, ok := e.(Upcaster); ok; u, ok = e.(Upcaster) {
			e = u.Upcast()
		}
		return e, nil
	}}
}

// CampaignCreatedV1 says nothing of what is in its templates.
type CampaignCreatedV1 struct {
	CampaignID   uuid.UUID `json:"campaign_id"`
	Name         string    `json:"name"`
	CampaignType string    `json:"campaign_type"`
	TimeZone     string    `json:"time_zone,omitzero"`
	StartDate    string    `json:"start_date,omitzero"`
	EndDate      string    `json:"end_date,omitzero"`
	CreatedBy    string    `json:"created_by"`
	Approval     string    `json:"approval"`
	Steps        []Step    `json:"steps"`
}

func (CampaignCreatedV1) EventType() string     { return "campaign.created.v1" }
func (e CampaignCreatedV1) AggregateID() string { return e.CampaignID.String() }

// Upcast leaves the templates unknown: a launch asks for the steps to be written once more.
func (e CampaignCreatedV1) Upcast() Event {
	return CampaignCreated{CampaignRef: CampaignRef{CampaignID: e.CampaignID}, Name: e.Name, CampaignType: e.CampaignType, TimeZone: e.TimeZone, StartDate: e.StartDate, EndDate: e.EndDate,
		CreatedBy: e.CreatedBy, Approval: e.Approval, Steps: e.Steps}
}

// CampaignStepsChangedV1 says nothing of what is in its templates.
type CampaignStepsChangedV1 struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	Steps      []Step    `json:"steps"`
}

func (CampaignStepsChangedV1) EventType() string     { return "campaign.steps_changed.v1" }
func (e CampaignStepsChangedV1) AggregateID() string { return e.CampaignID.String() }

// Upcast leaves the templates unknown, as CampaignCreatedV1 does.
func (e CampaignStepsChangedV1) Upcast() Event {
	return CampaignStepsChanged{CampaignRef: CampaignRef{CampaignID: e.CampaignID}, Steps: e.Steps}
}
