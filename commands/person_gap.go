package commands

import (
	"strconv"
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// SetPersonGap sets how much time must lie between messages of two campaigns to one person.
type SetPersonGap struct {
	Minutes int `json:"minutes"` // 0 = none
}

func (SetPersonGap) CommandType() string { return "organization.set_person_gap.v1" }

// Decide has nothing to do when this gap applies already, also as the default.
func (c SetPersonGap) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	const most = int(aggregates.MaxPersonGap / time.Minute)
	switch {
	case c.Minutes < 0 || c.Minutes > most:
		return nil, errInvalid("person_gap_minutes", "must be 0 (none) to "+strconv.Itoa(most))
	case time.Duration(c.Minutes)*time.Minute == o.PersonGap():
		return nil, nil
	}
	return oneEvent(events.OrganizationPersonGapSet{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, Minutes: c.Minutes})
}
