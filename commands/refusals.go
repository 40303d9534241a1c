package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// Codes of refusals; the api maps each to a status. The kernel has some too (es.CodeKeyReused and so on).
const (
	CodeOrganizationUnknown   = "organization_unknown"
	CodeOrganizationDeleted   = "organization_deleted"
	CodeOrganizationSuspended = "organization_suspended" // {status}
	CodeNotFound              = "not_found"              // {id}
	CodeAlreadyExists         = "already_exists"         // {id}: who holds it
	CodeVersionConflict       = "version_conflict"       // {expected, actual}
	CodeInvalid               = "invalid"                // {field, reason}
	CodeQuotaExceeded         = events.CodeQuotaExceeded // events.QuotaDetail
	CodeSuppressed            = "suppressed"             // {id}
	CodeSuppressionStays      = "suppression_stays"      // {id}: of an erasure or a complaint
	CodeSequenceEnded         = "sequence_ended"         // {id, reason}: the address was on the campaign before, and why it no longer is
	CodeScoreTooLow           = "score_too_low"          // {id, lead_score, intent_score, qualification, entry}: not what the campaign demands
	CodeActiveElsewhere       = "active_elsewhere"       // {id}: the lead is on another campaign
	CodeInUse                 = "in_use"                 // {id, enrolled}, of a role {id, members, invitations}
	CodeWrongStatus           = "wrong_status"           // {id, status}
	CodeArchived              = "archived"               // {id}: nothing of the campaign changes
	CodeNotReady              = "not_ready"              // {id, missing[]}: see Lack
	CodeInboxStale            = "inbox_stale"            // {inbox_read_at, oldest}
	CodeUnsupported           = "unsupported_sentences"  // {id, unsupported}: no fact carries them
	CodeNotScheduled          = "not_scheduled"          // {id}
	CodeClaimed               = "claimed"                // {id}: it may have left
	CodePostponed             = "postponed"              // of a claim, not of a command
	CodeNotInDoubt            = "not_in_doubt"           // {id}
	CodeSlotTaken             = "slot_taken"             // {id}
	CodeSlotClosed            = "slot_closed"            // {id}: not in the booking hours
	CodeLastOwner             = "last_owner"             // {id}: the organisation would have no owner
	CodeNotAdmitted           = "not_admitted"           // {id}: the link by which somebody came, who doesn't join by coming
	CodeImportClosed          = "import_closed"          // {id, status}
	CodeImportOpen            = "import_open"            // {id, status}
	CodeFeatureOff            = "feature_off"            // {feature}: the operator has switched it off
	CodeAIStopped             = "ai_stopped"             // {reason}: the organisation has stopped its language models
	CodeAICallOpen            = "ai_call_open"           // {id}: somebody else makes it
	CodeFileTooLarge          = "file_too_large"         // events.QuotaDetail
	CodeTestLimit             = "test_limit"             // {limit}: enough test sends for now
)

// Codes of rows that the command refuses; those of rows that the edge refuses are passed on.
const (
	RowDuplicate       = "duplicate"              // the address is a lead already
	RowDuplicateInFile = "duplicate_in_file"      // an earlier row of this file has the address
	RowUnchanged       = "unchanged"              // the lead has all of it already
	RowOverQuota       = "over_quota"             // the plan stores no more leads
	RowLeadIDTaken     = "lead_id_taken"          // the lead had this address once and has another now
	RowTooManyOwn      = "too_many_custom_fields" // the lead would have more than MaxOwnFields
	RowErased          = "erased"                 // the person was erased since the file was sent
	RowInvalid         = "invalid"
)

type detailID struct {
	ID uuid.UUID `json:"id"`
}

type detailStatus struct {
	ID     uuid.UUID `json:"id,omitzero"`
	Status string    `json:"status"`
}

type detailVersion struct {
	Expected int `json:"expected"`
	Actual   int `json:"actual"`
}

type detailUnsupported struct {
	ID          uuid.UUID `json:"id"`
	Unsupported int       `json:"unsupported"`
}

type detailField struct {
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

type detailMissing struct {
	ID      uuid.UUID `json:"id"`
	Missing []Lack    `json:"missing"`
}

type detailStale struct {
	InboxReadAt time.Time `json:"inbox_read_at"`
	Oldest      time.Time `json:"oldest"` // that would be accepted
}

type detailEnded struct {
	ID     uuid.UUID `json:"id"`
	Reason string    `json:"reason"` // of the enrollment's stop, or completed
}

type detailReason struct {
	Reason string `json:"reason"`
}

type detailScore struct {
	ID            uuid.UUID            `json:"id"`
	LeadScore     int                  `json:"lead_score"`
	IntentScore   int                  `json:"intent_score"`
	Qualification string               `json:"qualification,omitzero"`
	Entry         events.CampaignEntry `json:"entry"`
}

type detailLimit struct {
	Limit int `json:"limit"`
}

type detailFeature struct {
	Feature string `json:"feature"`
}

type detailInUse struct {
	ID       uuid.UUID `json:"id"`
	Enrolled int       `json:"enrolled"`
}

type detailRoleInUse struct {
	ID          uuid.UUID `json:"id"`
	Members     int       `json:"members"`
	Invitations int       `json:"invitations"`
	Links       int       `json:"links,omitzero"` // to identity providers, by which who comes gets it
}

func errNotFound(id uuid.UUID) error      { return es.Refuse(CodeNotFound, detailID{id}) }
func errAlreadyExists(id uuid.UUID) error { return es.Refuse(CodeAlreadyExists, detailID{id}) }
func errInvalid(field, reason string) error {
	return es.Refuse(CodeInvalid, detailField{field, reason})
}
func errImportClosed(id uuid.UUID, status string) error {
	return es.Refuse(CodeImportClosed, detailStatus{id, status})
}
func errImportOpen(id uuid.UUID, status string) error {
	return es.Refuse(CodeImportOpen, detailStatus{id, status})
}

// refuseAbout is a refusal that concerns something which exists, on whose timeline it is shown.
func refuseAbout(id uuid.UUID, code string, detail any) error {
	return &es.Refusal{Code: code, Detail: detail, Subject: id.String()}
}

func checkVersion(id uuid.UUID, want *int, actual int) error {
	if want == nil || *want == actual {
		return nil
	}
	return refuseAbout(id, CodeVersionConflict, detailVersion{*want, actual})
}
