package inbox

import (
	"bytes"
	"strings"

	"github.com/google/uuid"

	"outrider/internal/linktoken"
	"outrider/internal/mail/inbound"
)

// match is the message of ours that a mail is about.
type match struct {
	message      uuid.UUID
	by           string // how it was found, as events.Mail has it; "" = it wasn't
	quoted       bool   // the mail contains our message or its header
	unsubscribes bool   // it was sent to the address for unsubscribing
}

// matchSent finds the message of ours that a mail is about, by what we signed, never by subject or sender.
func (m *Monitor) matchSent(org uuid.UUID, x inbound.Mail) match {
	for _, tag := range x.Keys.Tags {
		if t, err := m.Signer.VerifyTag(linktoken.Unsubscribe, org, tag); err == nil {
			return match{message: t.Message, by: "plus_address", unsubscribes: true}
		}
	}
	for word := range strings.FieldsSeq(x.Subject) { // where no address with a tag is offered
		if t, err := m.Signer.VerifyTag(linktoken.Unsubscribe, org, word); err == nil {
			return match{message: t.Message, by: "plus_address", unsubscribes: true}
		}
	}
	quoted, by, isQuoted := m.findQuoted(org, x)
	if x.FromMailer() && isQuoted { // what came back is the quoted message, not the one that it refers to
		return match{message: quoted, by: by, quoted: true}
	}
	for _, id := range x.Keys.References {
		if t, err := m.Signer.VerifyMessageID(id); err == nil && t.Org == org {
			return match{message: t.Message, by: "message_id", quoted: isQuoted}
		}
	}
	for _, tag := range x.Keys.Tags {
		if t, err := m.Signer.VerifyTag(linktoken.Reply, org, tag); err == nil {
			return match{message: t.Message, by: "plus_address", quoted: isQuoted}
		}
	}
	if isQuoted {
		return match{message: quoted, by: by, quoted: true}
	}
	for _, f := range m.Signer.Find(org, x.Head()) { // fields that programs make up
		if !f.Tag && f.Kind != linktoken.Mailbox {
			return match{message: f.Message, by: "message_id"}
		}
	}
	return match{}
}

// findQuoted finds a message of ours that a mail contains: by its Message-ID in a part that is a message, else by any token or tag in the bytes
// below the header. A Message-ID in a field of that name counts for more than a link or an address, and those for more than anything else that a message of ours
// names, which may be one before it.
func (m *Monitor) findQuoted(org uuid.UUID, x inbound.Mail) (message uuid.UUID, by string, found bool) {
	if t, err := m.Signer.VerifyMessageID(x.Original.MessageID); err == nil && t.Org == org {
		return t.Message, "message_id", true
	}
	best := 0
	for _, view := range x.Views() {
		for _, f := range m.Signer.Find(org, view) {
			rank, how := 1, "message_id"
			switch {
			case f.Kind == linktoken.Mailbox:
				continue
			case f.Tag:
				rank, how = 2, "plus_address"
			case f.Kind != linktoken.MessageID:
				rank, how = 3, "link"
			case isOwnField(view[:f.At]):
				rank = 4
			}
			if rank > best {
				best, message, by = rank, f.Message, how
			}
		}
	}
	return message, by, best > 0
}

// isOwnField reports whether what comes next is in a Message-ID field.
func isOwnField(before []byte) bool {
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	return bytes.Contains(bytes.ToLower(line), []byte("message-id:"))
}
