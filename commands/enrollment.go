package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// EnrollLeads puts up to MaxItems leads on a campaign, in order, as far as the quota reaches.
type EnrollLeads struct {
	CampaignID uuid.UUID   `json:"campaign_id"`
	LeadIDs    []uuid.UUID `json:"lead_ids"`
}

func (EnrollLeads) CommandType() string { return "enrollment.start.v1" }

// EnrollmentID follows from campaign and lead.
func EnrollmentID(campaign, lead uuid.UUID) uuid.UUID { return aggregates.EnrollmentID(campaign, lead) }

// Decide admits in order. One lead is answered by itself; several by a batch that names who was refused, and as a whole
// by the quota only when it let nobody in.
func (c EnrollLeads) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkCount("lead_ids", len(c.LeadIDs)); err != nil {
		return nil, err
	}
	campaign := o.Campaigns[c.CampaignID]
	if campaign == nil {
		return nil, errNotFound(c.CampaignID)
	}
	if campaign.Status == events.CampaignIsCompleted {
		return nil, refuseAbout(c.CampaignID, CodeWrongStatus, detailStatus{c.CampaignID, campaign.Status})
	}
	from, _ := aggregates.PeriodAt(o.BillingAnchor, now)
	quota := quotaUse{limit: events.LimitLeads, used: o.LeadsUsed(from), max: o.Limits.LeadsPerMonth}
	batch := events.EnrollmentBatchRecorded{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}}
	refuse := func(lead uuid.UUID, code string) {
		batch.Refused = append(batch.Refused, events.RefusedLead{LeadID: lead, Code: code})
	}
	out := make([]events.Event, 0, len(c.LeadIDs)+2)
	seen := make(map[uuid.UUID]bool, len(c.LeadIDs))
	for _, id := range c.LeadIDs {
		lead := o.Leads.Get(id)
		switch {
		case lead == nil:
			refuse(id, CodeNotFound)
			continue
		case seen[id] || campaign.Has(id):
			batch.Already++
			continue
		case o.Suppression.Covers(lead):
			refuse(id, CodeSuppressed)
			continue
		}
		count := !o.LeadCounted(id, from)
		if count && !quota.takePlace() {
			refuse(id, CodeQuotaExceeded)
			continue
		}
		seen[id] = true
		batch.Enrolled++
		out = append(out, events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{EnrollmentID: EnrollmentID(c.CampaignID, id), LeadID: id, CampaignID: c.CampaignID}, Counted: count, PeriodFrom: from})
	}
	switch {
	case batch.Enrolled == 0 && quota.isExceeded():
		return quota.refuseCommand(now, o)
	case batch.Enrolled == 0 && len(batch.Refused) == 0:
		return nil, nil
	case len(c.LeadIDs) == 1 && batch.Refused != nil:
		return nil, refusedLead(batch.Refused[0])
	case len(c.LeadIDs) == 1:
		return out, nil
	}
	if quota.isExceeded() && quota.mayRecord(now, o) {
		out = append(out, quota.refusedEvent(now, o))
	}
	return append(out, batch), nil
}

func refusedLead(r events.RefusedLead) error {
	if r.Code == CodeNotFound {
		return errNotFound(r.LeadID)
	}
	return refuseAbout(r.LeadID, r.Code, detailID{r.LeadID})
}

// PauseEnrollments holds the sequences of up to MaxItems leads.
type PauseEnrollments struct {
	CampaignID uuid.UUID   `json:"campaign_id"`
	LeadIDs    []uuid.UUID `json:"lead_ids"`
	Until      time.Time   `json:"until,omitzero"` // zero = until they are resumed
}

func (PauseEnrollments) CommandType() string { return "enrollment.pause.v1" }

// Decide passes over who is paused, or at their end.
func (c PauseEnrollments) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if !c.Until.IsZero() && !c.Until.After(now) {
		return nil, errInvalid("until", "must be in the future")
	}
	return eachEnrollment(o, c.CampaignID, c.LeadIDs, func(e *aggregates.Enrollment) []events.Event {
		if e.Paused() {
			return nil
		}
		return []events.Event{events.EnrollmentPaused{EnrollmentRef: e.Ref(), Reason: events.PausedManual, Until: c.Until}}
	})
}

// eachEnrollment acts on those of a campaign that are not at their end, each once. A lead that is not on it is not
// found; several are passed over.
func eachEnrollment(o *aggregates.Organization, campaign uuid.UUID, leads []uuid.UUID, do func(*aggregates.Enrollment) []events.Event) (out []events.Event, err error) {
	is := o.Campaigns[campaign]
	if err := checkCount("lead_ids", len(leads)); err != nil {
		return nil, err
	}
	if is == nil {
		return nil, errNotFound(campaign)
	}
	if len(leads) == 1 && !is.Has(leads[0]) {
		return nil, errNotFound(leads[0])
	}
	seen := map[uuid.UUID]bool{}
	for _, id := range leads {
		if e := is.Enrollment(id); e != nil && !seen[id] {
			seen[id] = true
			out = append(out, do(e)...)
		}
	}
	return out, nil
}

// ResumeEnrollments lets them go on.
type ResumeEnrollments struct {
	CampaignID uuid.UUID   `json:"campaign_id"`
	LeadIDs    []uuid.UUID `json:"lead_ids"`
}

func (ResumeEnrollments) CommandType() string { return "enrollment.resume.v1" }

// Decide passes over who isn't paused.
func (c ResumeEnrollments) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return eachEnrollment(o, c.CampaignID, c.LeadIDs, func(e *aggregates.Enrollment) []events.Event {
		if !e.Paused() {
			return nil
		}
		return []events.Event{events.EnrollmentResumed{EnrollmentRef: e.Ref(), Reason: events.PausedManual}}
	})
}

// StopEnrollments ends them by hand.
type StopEnrollments struct {
	CampaignID uuid.UUID   `json:"campaign_id"`
	LeadIDs    []uuid.UUID `json:"lead_ids"`
}

func (StopEnrollments) CommandType() string { return "enrollment.stop.v1" }

// Decide passes over who is at their end.
func (c StopEnrollments) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return eachEnrollment(o, c.CampaignID, c.LeadIDs, func(e *aggregates.Enrollment) []events.Event {
		return e.Stop(events.StopManual, nil)
	})
}
