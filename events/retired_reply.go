package events

// SentMessageIDs are a SentMessageRef in a shape that is no longer written: it belongs to no family, as no fold ever sees it.
type SentMessageIDs SentMessageRef

func (r SentMessageIDs) AggregateID() string { return r.LeadID.String() }

// MessageAutoRepliedV1 knows no answer that is for good.
type MessageAutoRepliedV1 struct {
	SentMessageIDs
	Mail
	OutOfOffice bool   `json:"out_of_office"`
	ReturnDate  string `json:"return_date,omitzero"`
}

func (MessageAutoRepliedV1) EventType() string { return "message.auto_replied.v1" }

// Upcast reads it as one that leaves hope.
func (e MessageAutoRepliedV1) Upcast() Event {
	return MessageAutoReplied{SentMessageRef: SentMessageRef(e.SentMessageIDs), Mail: e.Mail, OutOfOffice: e.OutOfOffice, ReturnDate: e.ReturnDate}
}

// MessageRepliedV1 doesn't say what the answer means.
type MessageRepliedV1 struct {
	SentMessageIDs
	Mail
	From string `json:"from"`
}

func (MessageRepliedV1) EventType() string { return "message.replied.v1" }

// Upcast reads it as one that nobody has judged.
func (e MessageRepliedV1) Upcast() Event {
	return MessageReplied{SentMessageRef: SentMessageRef(e.SentMessageIDs), Mail: e.Mail, From: e.From}
}

// MessageRepliedV2 doesn't say why the answer means what it does.
type MessageRepliedV2 struct {
	SentMessageIDs
	Mail
	From    string `json:"from"`
	Meaning string `json:"meaning,omitzero"`
}

func (MessageRepliedV2) EventType() string { return "message.replied.v2" }

// Upcast reads it as one without reasons.
func (e MessageRepliedV2) Upcast() Event {
	return MessageReplied{SentMessageRef: SentMessageRef(e.SentMessageIDs), Mail: e.Mail, From: e.From, Meaning: e.Meaning}
}
