package events

import "github.com/google/uuid"

// CampaignIdled says that nobody is left in a campaign that is live.
type CampaignIdled struct {
	CampaignRef
}

func (CampaignIdled) EventType() string { return "campaign.idled.v1" }

// CampaignReactivated lets an idle campaign go on: somebody is enrolled.
type CampaignReactivated struct {
	CampaignRef
}

func (CampaignReactivated) EventType() string { return "campaign.reactivated.v1" }

// CampaignReadinessChanged says what a live campaign lacks of what a launch asks for, by what happened outside of it: its
// mailboxes were removed, suspended, changed. None = it has all again.
type CampaignReadinessChanged struct {
	CampaignRef
	Missing []Lack `json:"missing,omitzero"`
}

func (CampaignReadinessChanged) EventType() string { return "campaign.readiness_changed.v1" }

// What a campaign can lack.
const (
	LacksMailbox       = "mailbox"        // no mailbox that may send is assigned
	LacksDNS           = "dns"            // the domain of a mailbox fails SPF, DKIM or DMARC
	LacksPostalAddress = "postal_address" // the organisation has none, or a message doesn't hold it (CAN-SPAM)
	LacksEndDate       = "end_date"       // it is over
	LacksSteps         = "steps"
	LacksFollowUp      = "follow_ups"  // more than max_follow_ups
	LacksDelay         = "delay_days"  // less than follow_up_days
	LacksWeight        = "weight"      // all variants of a step have weight 0
	LacksTemplate      = "template"    // it can't be parsed, or was written before what is in it was kept
	LacksUnsubscribe   = "unsubscribe" // a message without a link, and no footer
	LacksVariable      = "variable"    // not known
)

// Lack is one thing that a campaign is missing.
type Lack struct {
	What   string    `json:"what"`
	ID     uuid.UUID `json:"id,omitzero"`     // step, variant or mailbox
	Detail string    `json:"detail,omitzero"` // the variable's name, ...
}
