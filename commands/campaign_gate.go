package commands

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// What a campaign can lack.
const (
	LacksMailbox       = "mailbox"        // no verified mailbox is assigned
	LacksDNS           = "dns"            // the domain of a mailbox fails SPF, DKIM or DMARC
	LacksPostalAddress = "postal_address" // CAN-SPAM
	LacksSteps         = "steps"
	LacksFollowUp      = "follow_ups"  // more than max_follow_ups
	LacksDelay         = "delay_days"  // less than follow_up_days
	LacksTemplate      = "template"    // it can't be parsed, or was written before what is in it was kept
	LacksUnsubscribe   = "unsubscribe" // no link in the first step, and no footer
	LacksVariable      = "variable"    // not known
)

// Lack is one thing that is missing.
type Lack struct {
	What   string    `json:"what"`
	ID     uuid.UUID `json:"id,omitzero"`     // step, variant or mailbox
	Detail string    `json:"detail,omitzero"` // the variable's name, ...
}

// lacksOf is the gate of a launch: everything that stands against sending these steps.
func lacksOf(o *aggregates.Organization, c *aggregates.Campaign, steps []aggregates.StepOutline, templates []events.TemplateAnalysis) (out []Lack) {
	if !slices.ContainsFunc(c.Mailboxes(), func(m *aggregates.Mailbox) bool { return m.Verified }) {
		out = append(out, Lack{What: LacksMailbox})
	}
	for _, m := range c.Mailboxes() {
		if m.Check(events.CheckDNS) == events.CheckFailed { // unknown is not failing
			out = append(out, Lack{What: LacksDNS, ID: m.ID})
		}
	}
	if o.PostalAddress == "" {
		out = append(out, Lack{What: LacksPostalAddress})
	}
	if len(steps) == 0 {
		out = append(out, Lack{What: LacksSteps})
	}
	if len(steps)-1 > c.Settings.MaxFollowUps {
		out = append(out, Lack{What: LacksFollowUp, Detail: strconv.Itoa(c.Settings.MaxFollowUps)})
	}
	for i, s := range steps {
		if i > 0 && s.DelayDays < c.Settings.FollowUpDays {
			out = append(out, Lack{What: LacksDelay, ID: s.ID, Detail: strconv.Itoa(c.Settings.FollowUpDays)})
		}
		for _, v := range s.Variants {
			if !slices.ContainsFunc(templates, func(t events.TemplateAnalysis) bool { return t.StepID == s.ID && t.VariantID == v }) {
				out = append(out, Lack{What: LacksTemplate, ID: v})
			}
		}
	}
	for _, t := range templates {
		if t.Problem != "" {
			out = append(out, Lack{What: LacksTemplate, ID: t.VariantID, Detail: t.Problem})
		}
		if len(steps) > 0 && t.StepID == steps[0].ID && !t.UnsubscribeLink && !c.Settings.UnsubscribeFooter {
			out = append(out, Lack{What: LacksUnsubscribe, ID: t.VariantID})
		}
		for _, v := range t.Variables {
			if !knownVariable(o, v.Name) {
				out = append(out, Lack{What: LacksVariable, ID: t.VariantID, Detail: v.Name})
			}
		}
	}
	return out
}

// ProfileVariables are the fields of a lead that templates can name, SystemVariables what the product adds. Custom fields
// are known under custom.NAME and under NAME, once a lead has had them.
func ProfileVariables() []string {
	return []string{"email", "first_name", "last_name", "phone", "company_name", "job_title", "linkedin_url", "website", "city", "country"}
}

// SystemVariables are never missing.
func SystemVariables() []string {
	return []string{"unsubscribe_link", "booking_link", "sender_name", "sender_email", "organization_name", "postal_address"}
}

func knownVariable(o *aggregates.Organization, name string) bool {
	custom, ok := strings.CutPrefix(name, "custom.")
	return !ok && (slices.Contains(ProfileVariables(), name) || slices.Contains(SystemVariables(), name)) || o.Leads.Fields.Known(custom)
}
