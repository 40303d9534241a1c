package events

import "github.com/google/uuid"

// AnswerRef names the mail of a person to which an answer is drafted, and its thread.
type AnswerRef struct {
	ThreadID   uuid.UUID `json:"thread_id"`
	LeadID     uuid.UUID `json:"lead_id"`
	CampaignID uuid.UUID `json:"campaign_id"`
	MailID     uuid.UUID `json:"mail_id"`
}

func (r AnswerRef) AggregateID() string { return r.LeadID.String() }

// AnswerDrafted is what a program would answer: sentences that approved text, facts or claims carry, and no others. A later draft replaces it. It is sent by nobody but a person who
// takes it over, or as AnswerSentByItself says. Body is sealed under the lead's key.
type AnswerDrafted struct {
	AnswerRef
	Meaning string `json:"meaning"` // of the mail that it answers
	Writer  string `json:"writer"`  // template | llm
	Body    Sealed `json:"body"`
	Evidence
}

func (AnswerDrafted) EventType() string { return "answer.drafted.v1" }

// AnswerSentByItself stands behind the response that was written without a person, in the same batch: the organisation has switched that on for what the mail means.
type AnswerSentByItself struct {
	AnswerRef
	ResponseID uuid.UUID `json:"response_id"`
	Meaning    string    `json:"meaning"`
}

func (AnswerSentByItself) EventType() string { return "answer.sent_by_itself.v1" }

// AutomationRef names the organisation that says what is answered without a person.
type AutomationRef struct {
	OrganizationID uuid.UUID `json:"organization_id"`
}

func (r AutomationRef) AggregateID() string { return r.OrganizationID.String() }

// AnswerAutomationSet says which mails are answered without a person, by what they mean; none = none.
type AnswerAutomationSet struct {
	AutomationRef
	Meanings []string `json:"meanings,omitzero"`
}

func (AnswerAutomationSet) EventType() string { return "answer.automation_set.v1" }
