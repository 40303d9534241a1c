package events

// MailboxLetterSet replaces what a mailbox adds to its messages, and what it does with them once they were sent.
type MailboxLetterSet struct {
	MailboxRef
	Signature  Sealed `json:"signature,omitzero"` // a JSON object {text, html}; zero = none
	KeepCopies bool   `json:"keep_copies"`        // put a copy into the folder of sent mail, where the server doesn't by itself
}

func (MailboxLetterSet) EventType() string { return "mailbox.letter_set.v1" }
