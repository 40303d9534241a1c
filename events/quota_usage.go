package events

import (
	"time"
)

// Names of limits, as in Limits' JSON.
const (
	LimitLeads         = "leads_per_month"
	LimitMailboxes     = "mailboxes"
	LimitLeadsStored   = "leads_stored"
	LimitImportBytes   = "import_bytes"
	LimitImportRows    = "import_rows"
	LimitImportsAtOnce = "imports_at_once"
	LimitSeats         = "seats"
	LimitAIBudget      = "ai_budget_micros"
	LimitAIOwn         = "ai_limit_micros"          // the organisation's own, of AISettings
	LimitAILead        = "ai_lead_limit_micros"     // that for one lead, of AISettings
	LimitAICampaign    = "ai_campaign_limit_micros" // that of a campaign, of CampaignWriting
)

// CodeQuotaExceeded is the code under which a quota refuses.
const CodeQuotaExceeded = "quota_exceeded"

// UsagePeriodStarted marks a billing period [From, To). Counters follow from the period of each decision, so it may
// come late without changing any.
type UsagePeriodStarted struct {
	OrganizationRef
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

func (UsagePeriodStarted) EventType() string { return "usage.period_started.v1" }

// QuotaRefused says that a limit kept something out. It stands at most once in a minute for each limit; a refusal
// between is a command.refused with the same code and detail.
type QuotaRefused struct {
	OrganizationRef
	QuotaDetail
	At time.Time `json:"at"`
}

// QuotaDetail is what the caller is told.
type QuotaDetail struct {
	Limit     string `json:"limit"`
	Used      int64  `json:"used"`
	Max       int64  `json:"max"`
	Requested int64  `json:"requested"` // places that the command needed
	Plan      string `json:"plan"`
}

func (QuotaRefused) EventType() string { return "quota.refused.v1" }

// RefusalAnswer makes it a refusal when it is a command's last event (es.Refusing).
func (e QuotaRefused) RefusalAnswer() (string, any) { return CodeQuotaExceeded, e.QuotaDetail }

// QuotaWarned says that four fifths (Percent 80) or all (100) of a limit are used: once in a billing period for each, and not for 80 after 100.
type QuotaWarned struct {
	OrganizationRef
	Limit   string    `json:"limit"`
	Used    int64     `json:"used"`
	Max     int64     `json:"max"`
	Percent int       `json:"percent"`
	Plan    string    `json:"plan"`
	From    time.Time `json:"from"` // of the billing period
}

func (QuotaWarned) EventType() string { return "quota.warned.v1" }
