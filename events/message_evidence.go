package events

import "github.com/google/uuid"

// EvidenceRef names the message whose sentences are held against facts.
type EvidenceRef struct {
	MessageID  uuid.UUID `json:"message_id"`
	LeadID     uuid.UUID `json:"lead_id"`
	CampaignID uuid.UUID `json:"campaign_id"`
}

func (r EvidenceRef) AggregateID() string { return r.LeadID.String() }

// Evidence is what the evidence gate says of a draft, and what a language model was asked for it: enough to replay it without asking again. The report is sealed under the
// lead's key: a JSON object {verdicts, approved, links, answer}.
type Evidence struct {
	Gate         int         `json:"gate"` // version of the rules
	Sentences    int         `json:"sentences"`
	Unsupported  int         `json:"unsupported"` // sentences that no fact carries
	FactIDs      []uuid.UUID `json:"fact_ids,omitzero"`
	Report       Sealed      `json:"report"`
	Model        string      `json:"model,omitzero"`
	PromptHash   string      `json:"prompt_hash,omitzero"` // SHA-256
	Seed         int         `json:"seed,omitzero"`
	InputTokens  int         `json:"input_tokens,omitzero"`
	OutputTokens int         `json:"output_tokens,omitzero"`
	CostMicros   int64       `json:"cost_micros,omitzero"` // USD micro-units
}

// EvidenceRecorded stands behind the draft that it judges, in the same batch. While a sentence is unsupported, the draft can't be approved.
type EvidenceRecorded struct {
	EvidenceRef
	Evidence
	Number int `json:"number"` // of the draft
}

func (EvidenceRecorded) EventType() string { return "evidence.recorded.v1" }

// DraftEditMeasured stands behind the approval of a draft that a person wrote, in the same batch: how far it is from the last one that a program wrote. Changed is the
// Levenshtein distance in words: how many were put in, left out or replaced, in subject and body together. Words is how many the longer of both has.
type DraftEditMeasured struct {
	EvidenceRef
	From    int `json:"from"`   // number of the program's draft
	Number  int `json:"number"` // of the approved one
	Changed int `json:"changed"`
	Words   int `json:"words"`
}

func (DraftEditMeasured) EventType() string { return "draft.edit_measured.v1" }

// EvidenceOverruled says that a person answers for the sentences of a draft that no fact carries.
type EvidenceOverruled struct {
	EvidenceRef
	Number int    `json:"number"` // of the draft
	Reason Sealed `json:"reason"` // under the lead's key
}

func (EvidenceOverruled) EventType() string { return "evidence.overruled.v1" }
