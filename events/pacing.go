package events

import "github.com/google/uuid"

// Caps bound how many messages leave; 0 = no bound.
type Caps struct {
	PerDay  int `json:"per_day,omitzero"`  // in a local day of the organisation
	Per24h  int `json:"per_24h,omitzero"`  // in any 24 hours
	PerHour int `json:"per_hour,omitzero"` // in any 60 minutes
}

// ProviderPacing is what holds for recipients whose mail one provider takes.
type ProviderPacing struct {
	Provider     string   `json:"provider"`      // google, microsoft, or any other name
	DomainHashes []string `json:"domain_hashes"` // of the domains whose mail it takes
	Caps
}

// OrganizationPacing are the limits that all mailboxes of an organisation share, and how they share the work.
type OrganizationPacing struct {
	Organization    Caps             `json:"organization,omitzero"`
	SendingDomain   Caps             `json:"sending_domain,omitzero"`   // of the mailboxes of one domain together
	RecipientDomain Caps             `json:"recipient_domain,omitzero"` // to one domain that isn't a public mail provider's
	Providers       []ProviderPacing `json:"providers,omitzero"`
	MatchProvider   bool             `json:"match_provider,omitzero"` // rather write from a mailbox of the recipient's provider
	Rotate          bool             `json:"rotate,omitzero"`         // mailboxes share new people, by their health; else who has a slot first takes them
	HandOverDays    int              `json:"hand_over_days,omitzero"` // after so many days of a mailbox's pause others write its follow-ups; 0 = never
}

// OrganizationPacingSet replaces them.
type OrganizationPacingSet struct {
	OrganizationRef
	OrganizationPacing
}

func (OrganizationPacingSet) EventType() string { return "organization.pacing_set.v1" }

// Holiday is a day on which the people of a country don't work.
type Holiday struct {
	Date string `json:"date"`
	Name string `json:"name"`
}

// OrganizationHolidaysSet holds all that is known of a country's public holidays; none = they are no longer heeded. Who lives there is told by their
// time zone.
type OrganizationHolidaysSet struct {
	OrganizationRef
	Country string    `json:"country"` // ISO 3166: DE
	Zones   []string  `json:"zones"`
	Days    []Holiday `json:"days"`
}

func (OrganizationHolidaysSet) EventType() string { return "organization.holidays_set.v1" }

// CampaignPacing is how a campaign shares what its mailboxes can send, beside its settings.
type CampaignPacing struct {
	NewPeoplePerDay      int      `json:"new_people_per_day,omitzero"`     // first messages in a local day of the campaign; 0 = no bound
	NewPeopleFirst       bool     `json:"new_people_first,omitzero"`       // before follow-ups
	MoreWindows          []Window `json:"more_windows,omitzero"`           // besides that of the settings, likewise in the recipient's zone
	CampaignWindows      []Window `json:"campaign_windows,omitzero"`       // in the campaign's zone; one of them must be open, too
	IgnorePublicHolidays bool     `json:"ignore_public_holidays,omitzero"` // of the recipients' countries
}

// CampaignPacingSet replaces it.
type CampaignPacingSet struct {
	CampaignRef
	CampaignPacing
}

func (CampaignPacingSet) EventType() string { return "campaign.pacing_set.v1" }

// MailboxHoursSet says when a mailbox sends, in its own zone; no windows = at any time.
type MailboxHoursSet struct {
	MailboxRef
	Windows []Window `json:"windows"`
}

func (MailboxHoursSet) EventType() string { return "mailbox.hours_set.v1" }

// EnrollmentHandedOver lets any mailbox of the campaign go on, as the one that has written so far is stopped.
type EnrollmentHandedOver struct {
	EnrollmentRef
	FromID uuid.UUID `json:"from_id"` // the mailbox
}

func (EnrollmentHandedOver) EventType() string { return "enrollment.handed_over.v1" }
