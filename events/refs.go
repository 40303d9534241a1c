package events

import "github.com/google/uuid"

// What an event is about stands in it as one of these, embedded: the ids that it has, how to ask for them whatever the
// event (Campaign, Lead, ...), and the family that it belongs to. JSON knows nothing of it; the ids are fields of the event.

// OrganizationRef names the organisation itself.
type OrganizationRef struct {
	OrganizationID uuid.UUID `json:"organization_id"`
}

func (r OrganizationRef) AggregateID() string { return r.OrganizationID.String() }

// ExportRef names an export of an organisation's data.
type ExportRef struct {
	ExportID uuid.UUID `json:"export_id"`
}

func (r ExportRef) AggregateID() string { return r.ExportID.String() }

// BulkRef names a bulk operation on leads.
type BulkRef struct {
	BulkID uuid.UUID `json:"bulk_id"`
}

func (r BulkRef) AggregateID() string { return r.BulkID.String() }

// APIKeyRef names an API key.
type APIKeyRef struct {
	KeyID uuid.UUID `json:"key_id"`
}

func (r APIKeyRef) AggregateID() string { return r.KeyID.String() }

// LeadRef names a lead.
type LeadRef struct {
	LeadID uuid.UUID `json:"lead_id"`
}

func (r LeadRef) AggregateID() string { return r.LeadID.String() }
func (r LeadRef) Lead() uuid.UUID     { return r.LeadID }

// SuppressionRef names an address or a domain to which nothing may be sent.
type SuppressionRef struct {
	SuppressionID uuid.UUID `json:"suppression_id"`
}

func (r SuppressionRef) AggregateID() string { return r.SuppressionID.String() }

// SuppressionFileRef names a file of addresses and domains.
type SuppressionFileRef struct {
	FileID uuid.UUID `json:"file_id"`
}

func (r SuppressionFileRef) AggregateID() string { return r.FileID.String() }

// ImportRef names an import.
type ImportRef struct {
	ImportID uuid.UUID `json:"import_id"`
}

func (r ImportRef) AggregateID() string { return r.ImportID.String() }
func (r ImportRef) Import() uuid.UUID   { return r.ImportID }

// CampaignRef names a campaign.
type CampaignRef struct {
	CampaignID uuid.UUID `json:"campaign_id"`
}

func (r CampaignRef) AggregateID() string { return r.CampaignID.String() }
func (r CampaignRef) Campaign() uuid.UUID { return r.CampaignID }

// MailboxRef names a mailbox.
type MailboxRef struct {
	MailboxID uuid.UUID `json:"mailbox_id"`
}

func (r MailboxRef) AggregateID() string { return r.MailboxID.String() }
func (r MailboxRef) Mailbox() uuid.UUID  { return r.MailboxID }

// EnrollmentRef names an enrollment, which follows from campaign and lead. The subject of its facts is the lead, so that
// the lead's story is one timeline and readers that keep the order of a subject keep the order of a lead.
type EnrollmentRef struct {
	EnrollmentID uuid.UUID `json:"enrollment_id"`
	LeadID       uuid.UUID `json:"lead_id"`
	CampaignID   uuid.UUID `json:"campaign_id"`
}

func (r EnrollmentRef) AggregateID() string   { return r.LeadID.String() }
func (r EnrollmentRef) Enrollment() uuid.UUID { return r.EnrollmentID }
func (r EnrollmentRef) Lead() uuid.UUID       { return r.LeadID }
func (r EnrollmentRef) Campaign() uuid.UUID   { return r.CampaignID }

// MessageRef names a message. Its id follows from enrollment, step and attempt. The subject of every fact about a message
// is the lead.
type MessageRef struct {
	MessageID    uuid.UUID `json:"message_id"`
	EnrollmentID uuid.UUID `json:"enrollment_id"`
	LeadID       uuid.UUID `json:"lead_id"`
	CampaignID   uuid.UUID `json:"campaign_id"`
}

func (r MessageRef) AggregateID() string   { return r.LeadID.String() }
func (r MessageRef) Message() uuid.UUID    { return r.MessageID }
func (r MessageRef) Enrollment() uuid.UUID { return r.EnrollmentID }
func (r MessageRef) Lead() uuid.UUID       { return r.LeadID }
func (r MessageRef) Campaign() uuid.UUID   { return r.CampaignID }

// SentMessageRef names a message that left, as its token or the read side knows it. No old messages are kept to check it
// by: who sends the command has checked a signature.
type SentMessageRef struct {
	MessageID  uuid.UUID `json:"message_id"`
	LeadID     uuid.UUID `json:"lead_id"`
	CampaignID uuid.UUID `json:"campaign_id,omitzero"`
	MailboxID  uuid.UUID `json:"mailbox_id,omitzero"`
}

func (r SentMessageRef) AggregateID() string         { return r.LeadID.String() }
func (r SentMessageRef) Message() uuid.UUID          { return r.MessageID }
func (r SentMessageRef) SentMessage() SentMessageRef { return r }
func (r SentMessageRef) Lead() uuid.UUID             { return r.LeadID }
func (r SentMessageRef) Campaign() uuid.UUID         { return r.CampaignID }
func (r SentMessageRef) Mailbox() uuid.UUID          { return r.MailboxID }

// MeetingRef names a meeting and the lead that it is with.
type MeetingRef struct {
	MeetingID uuid.UUID `json:"meeting_id"`
	LeadID    uuid.UUID `json:"lead_id"`
}

func (r MeetingRef) AggregateID() string { return r.LeadID.String() }
func (r MeetingRef) Meeting() uuid.UUID  { return r.MeetingID }
func (r MeetingRef) Lead() uuid.UUID     { return r.LeadID }

// ThreadRef names a conversation, which follows from lead and campaign. The subject of every fact about it is the lead.
type ThreadRef struct {
	ThreadID   uuid.UUID `json:"thread_id"`
	LeadID     uuid.UUID `json:"lead_id"`
	CampaignID uuid.UUID `json:"campaign_id,omitzero"`
}

func (r ThreadRef) AggregateID() string { return r.LeadID.String() }
func (r ThreadRef) Thread() uuid.UUID   { return r.ThreadID }
func (r ThreadRef) Lead() uuid.UUID     { return r.LeadID }
func (r ThreadRef) Campaign() uuid.UUID { return r.CampaignID }
