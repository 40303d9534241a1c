package events

import (
	"time"

	"github.com/google/uuid"
)

// Mail is what came in. Text is sealed under the lead's key; what is too long for the log lies in the blob bucket.
type Mail struct {
	MailID     uuid.UUID `json:"mail_id"` // follows from mailbox and Message-ID: the same mail read twice is one
	ReceivedAt time.Time `json:"received_at"`
	Subject    Sealed    `json:"subject,omitzero"`
	Body       Sealed    `json:"body,omitzero"`
	BodyRef    string    `json:"body_ref,omitzero"`
	MatchedBy  string    `json:"matched_by,omitzero"` // message_id | plus_address | link: a token in a link of ours that is quoted | thread
}

// Who has answered.
const (
	FromLead    = "lead"
	FromAlias   = "alias"
	FromCompany = "company"
)

// What an answer means.
const (
	MeansInterested       = "interested"
	MeansNotNow           = "not_now"
	MeansNotInterested    = "not_interested"
	MeansReferral         = "referral"
	MeansUnsubscribe      = "unsubscribe"
	MeansMaybeUnsubscribe = "maybe_unsubscribe" // a person decides
	MeansWrongPerson      = "wrong_person"
	MeansMeetingRequest   = "meeting_request"
	MeansAlreadyCustomer  = "already_customer"
	MeansHostile          = "hostile_or_legal"
	MeansLeftCompany      = "left_company"
	MeansOutOfOffice      = "out_of_office" // of a reply only once a person has said so
	MeansAutomatic        = "automatic"     // likewise
	MeansOther            = "other"         // nothing tells
)

// Meanings are all that an answer can mean. They keep their places: snapshots hold them.
func Meanings() []string {
	return []string{MeansInterested, MeansNotNow, MeansNotInterested, MeansReferral, MeansUnsubscribe, MeansMaybeUnsubscribe, MeansWrongPerson, MeansMeetingRequest, MeansAlreadyCustomer, MeansHostile,
		MeansLeftCompany, MeansOutOfOffice, MeansAutomatic, MeansOther}
}

// What says what an answer means.
const (
	JudgedByHeader = "header" // of the mail
	JudgedByWords  = "words"  // that rules know
	JudgedByModel  = "model"  // a language model
	JudgedByPerson = "person"
)

// Judged is what an answer means, and why. Texts are sealed under the lead's key.
type Judged struct {
	Evidence   Sealed `json:"evidence,omitzero"`   // the words that say so
	Confidence int    `json:"confidence,omitzero"` // percent; 0 in what was recorded before there was any
	Source     string `json:"source,omitzero"`     // one of JudgedBy...
	AskAgain   string `json:"ask_again,omitzero"`  // of not_now: the day ("2006-01-02") on which to ask again, if it names one
	Referral   Sealed `json:"referral,omitzero"`   // of referral: a JSON object {email, name} of whom it names, if it gives an address
}

// SureEnough is from which confidence on an answer does what it means by itself; below, a person looks at it first.
const SureEnough = 80

// Pauses reports whether an answer that means this pauses sequences instead of ending them.
func (j Judged) Pauses(meaning string) bool {
	return meaning == MeansNotNow && j.AskAgain != "" && j.Confidence >= SureEnough
}

// MessageReplied is an answer by a person.
type MessageReplied struct {
	SentMessageRef
	Mail
	From    string `json:"from"`
	Meaning string `json:"meaning,omitzero"` // empty in what was recorded before there were any
	Judged
}

func (MessageReplied) EventType() string { return "message.replied.v3" }

// ReplyReclassified corrects what an answer means. What follows from it follows in the same command.
type ReplyReclassified struct {
	SentMessageRef
	MailID     uuid.UUID `json:"mail_id"`
	From       string    `json:"from,omitzero"` // as the answer has it
	ReceivedAt time.Time `json:"received_at"`   // likewise
	Meaning    string    `json:"meaning"`
	Was        string    `json:"was,omitzero"`
	Judged
}

func (ReplyReclassified) EventType() string { return "message.reply_reclassified.v1" }

// Human reports whether a person has written the answer, as it is understood now.
func (e ReplyReclassified) Human() bool { return writtenByPerson(e.Meaning) }

// Human likewise.
func (e MessageReplied) Human() bool { return writtenByPerson(e.Meaning) }

func writtenByPerson(meaning string) bool {
	return meaning != MeansAutomatic && meaning != MeansOutOfOffice
}

// ThreadStatus returns the status that a correction gives its thread, and whether it gives one.
func (e ReplyReclassified) ThreadStatus() (string, bool) {
	switch {
	case e.Meaning == MeansUnsubscribe || e.Meaning == MeansAutomatic || e.Meaning == MeansOutOfOffice:
		return ThreadDone, true
	case e.Was == MeansUnsubscribe || e.Was == MeansAutomatic || e.Was == MeansOutOfOffice:
		return ThreadNeedsAnswer, true
	}
	return "", false
}

// MessageAutoReplied is an answer by a machine (RFC 3834). It isn't a reply.
type MessageAutoReplied struct {
	SentMessageRef
	Mail
	OutOfOffice bool   `json:"out_of_office"`
	ReturnDate  string `json:"return_date,omitzero"` // "2006-01-02", if it says one
	ForGood     string `json:"for_good,omitzero"`    // why nobody will answer there any more: a Stop... that it brings
}

func (MessageAutoReplied) EventType() string { return "message.auto_replied.v2" }
