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

	SkipActiveElsewhere bool `json:"skip_active_elsewhere,omitzero"` // refuses leads that are still on another campaign
}

func (EnrollLeads) CommandType() string { return "enrollment.start.v2" }

// EnrollmentID returns the id of an enrollment, which follows from campaign and lead.
func EnrollmentID(campaign, lead uuid.UUID) uuid.UUID { return aggregates.EnrollmentID(campaign, lead) }

// Decide admits leads in order. A single lead is answered by itself; several by a batch that names who was refused. The quota refuses the whole
// command only when it lets nobody in. Enrolling makes an idle campaign active again.
func (c EnrollLeads) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkCount("lead_ids", len(c.LeadIDs)); err != nil {
		return nil, err
	}
	campaign, err := openCampaign(o, c.CampaignID)
	if err != nil {
		return nil, err
	}
	out, batch, quota := c.admitLeads(now, o, campaign)
	switch {
	case batch.Enrolled == 0 && quota.isExceeded():
		return quota.refuseCommand(now, o)
	case batch.Enrolled == 0 && len(batch.Refused) == 0:
		return nil, nil
	case len(c.LeadIDs) == 1 && batch.Refused != nil:
		return nil, refusedLead(o, campaign, batch.Refused[0])
	case len(c.LeadIDs) == 1:
		return out, nil
	}
	if quota.isExceeded() && quota.mayRecord(now, o) {
		out = append(out, quota.refusedEvent(now, o))
	}
	return append(out, batch), nil
}

// admitLeads decides on each lead, in order, for a campaign that takes leads.
func (c EnrollLeads) admitLeads(now time.Time, o *aggregates.Organization, campaign *aggregates.Campaign) (out []events.Event, batch events.EnrollmentBatchRecorded, quota quotaUse) {
	from, _ := aggregates.PeriodAt(o.BillingAnchor, now)
	quota = quotaUse{limit: events.LimitLeads, used: o.LeadsUsed(from), max: o.LeadsAllowed(from)}
	batch.CampaignID = c.CampaignID
	refuse := func(lead uuid.UUID, code string) {
		batch.Refused = append(batch.Refused, events.RefusedLead{LeadID: lead, Code: code})
	}
	out = make([]events.Event, 0, len(c.LeadIDs)+2)
	research := o.Researcher(now)
	seen := make(map[uuid.UUID]bool, len(c.LeadIDs))
	for _, id := range c.LeadIDs {
		lead := o.Leads.Get(id)
		switch {
		case lead == nil:
			refuse(id, CodeNotFound)
			continue
		case seen[id] || campaign.Has(lead):
			batch.Already++
			continue
		case o.Suppression.Covers(lead):
			refuse(id, CodeSuppressed)
			continue
		case !campaign.Takes(lead):
			refuse(id, CodeScoreTooLow)
			continue
		case c.SkipActiveElsewhere && lead.IsEnrolled(): // not on this one: that was the case before
			refuse(id, CodeActiveElsewhere)
			continue
		}
		received, end, before := o.ReceivedBy(lead.Address, campaign)
		if end != "" {
			refuse(id, CodeSequenceEnded)
			continue
		}
		count := !o.LeadCounted(id, from)
		if count && !quota.takePlace() {
			refuse(id, CodeQuotaExceeded)
			continue
		}
		seen[id] = true
		if batch.Enrolled++; batch.Enrolled == 1 && campaign.Status == events.CampaignIsIdle {
			out = append(out, events.CampaignReactivated{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}})
		}
		out = append(out, events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{EnrollmentID: EnrollmentID(c.CampaignID, id), LeadID: id, CampaignID: c.CampaignID}, Counted: count, PeriodFrom: from})
		if before {
			out = append(out, continuedEvent(c.CampaignID, id, received))
		}
		out = append(out, research.ForCampaign(campaign, lead, true)...)
	}
	return out, batch, quota
}

func refusedLead(o *aggregates.Organization, campaign *aggregates.Campaign, r events.RefusedLead) error {
	switch r.Code {
	case CodeNotFound:
		return errNotFound(r.LeadID)
	case CodeScoreTooLow:
		s := o.Leads.Get(r.LeadID).Score()
		return refuseAbout(r.LeadID, r.Code, detailScore{r.LeadID, s.Lead, s.Intent, s.Qualification, campaign.Entry})
	case CodeSequenceEnded:
		_, end, _ := o.ReceivedBy(o.Leads.Get(r.LeadID).Address, campaign)
		return refuseAbout(r.LeadID, r.Code, detailEnded{r.LeadID, end})
	}
	return refuseAbout(r.LeadID, r.Code, detailID{r.LeadID})
}

// PauseEnrollments pauses the sequences of up to MaxItems leads.
type PauseEnrollments struct {
	CampaignID uuid.UUID   `json:"campaign_id"`
	LeadIDs    []uuid.UUID `json:"lead_ids"`
	Until      time.Time   `json:"until,omitzero"` // zero = until they are resumed
}

func (PauseEnrollments) CommandType() string { return "enrollment.pause.v1" }

// Decide skips enrollments that are paused or have ended.
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

// eachEnrollment acts on enrollments of a campaign that have not ended, each once. A single lead that is not on it is not
// found; among several it is skipped.
func eachEnrollment(o *aggregates.Organization, campaign uuid.UUID, leads []uuid.UUID, do func(*aggregates.Enrollment) []events.Event) (out []events.Event, err error) {
	is := o.Campaigns[campaign]
	if err := checkCount("lead_ids", len(leads)); err != nil {
		return nil, err
	}
	if is == nil {
		return nil, errNotFound(campaign)
	}
	if len(leads) == 1 && !is.Has(o.Leads.Get(leads[0])) {
		return nil, errNotFound(leads[0])
	}
	seen := map[uuid.UUID]bool{}
	for _, id := range leads {
		if e := is.Enrollment(o.Leads.Get(id)); e != nil && !seen[id] {
			seen[id] = true
			out = append(out, do(e)...)
		}
	}
	return out, nil
}

// MoveEnrollments lets up to MaxItems leads go on with the newest version of the steps.
type MoveEnrollments struct {
	CampaignID uuid.UUID   `json:"campaign_id"`
	LeadIDs    []uuid.UUID `json:"lead_ids"`
}

func (MoveEnrollments) CommandType() string { return "enrollment.move.v1" }

// Decide moves whom the new version leads on from where they are; the others keep theirs. What a step has sent, it has sent.
func (c MoveEnrollments) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	kept := 0
	out, err := eachEnrollment(o, c.CampaignID, c.LeadIDs, func(e *aggregates.Enrollment) []events.Event {
		moved, ok := e.MoveToNewest()
		if !ok {
			kept++
			return nil
		}
		return []events.Event{moved}
	})
	if err != nil || len(out) == 0 {
		return nil, err
	}
	is := o.Campaigns[c.CampaignID]
	return append(out, events.EnrollmentMovesRecorded{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, StepsVersion: is.StepsVersion, Moved: len(out), Kept: kept}), nil
}

// ResumeEnrollments ends the pauses of up to MaxItems leads.
type ResumeEnrollments struct {
	CampaignID uuid.UUID   `json:"campaign_id"`
	LeadIDs    []uuid.UUID `json:"lead_ids"`
}

func (ResumeEnrollments) CommandType() string { return "enrollment.resume.v1" }

// Decide skips enrollments that aren't paused.
func (c ResumeEnrollments) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return eachEnrollment(o, c.CampaignID, c.LeadIDs, func(e *aggregates.Enrollment) []events.Event {
		if !e.Paused() {
			return nil
		}
		return []events.Event{events.EnrollmentResumed{EnrollmentRef: e.Ref(), Reason: events.PausedManual}}
	})
}

// StopEnrollments ends the sequences of up to MaxItems leads.
type StopEnrollments struct {
	CampaignID uuid.UUID   `json:"campaign_id"`
	LeadIDs    []uuid.UUID `json:"lead_ids"`
}

func (StopEnrollments) CommandType() string { return "enrollment.stop.v1" }

// Decide skips enrollments that have ended.
func (c StopEnrollments) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return eachEnrollment(o, c.CampaignID, c.LeadIDs, func(e *aggregates.Enrollment) []events.Event {
		return e.Stop(events.StopManual, nil)
	})
}
