package mailboxes

import (
	"strings"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/linktoken"
	"outrider/internal/mail/inbound"
)

// NewSelfMessageID makes the Message-ID of a message from a mailbox to itself: whoever reads it later knows it.
func NewSelfMessageID(s *linktoken.Signer, m Mailbox) string {
	_, domain, _ := strings.Cut(m.Address, "@")
	return "verify." + uuid.NewString() + "." + TagToSelf(s, m.Org, m.ID) + "@" + domain
}

// IsSelfMessageID says whether a Message-ID is one of this mailbox.
func IsSelfMessageID(s *linktoken.Signer, m Mailbox, id string) bool {
	id, _, _ = strings.Cut(id, "@")
	t, err := s.VerifyTag(linktoken.Mailbox, m.Org, id[strings.LastIndexByte(id, '.')+1:])
	return err == nil && t.Message == m.ID && strings.HasPrefix(id, "verify.")
}

// TagToSelf is the tag of a mailbox's message to itself, which shows whether tags come back.
func TagToSelf(s *linktoken.Signer, org, mailbox uuid.UUID) string {
	return s.Tag(linktoken.Mailbox, linktoken.Token{Org: org, Message: mailbox})
}

// CheckTag is what a mail that lies in a mailbox says of its address with a tag: CheckPassed, where one of ours stands in an address that it came to;
// CheckFailed, where it reports that the message to itself can't be delivered; else "".
func CheckTag(s *linktoken.Signer, m Mailbox, x inbound.Mail) string {
	isToSelf := func(tag string) bool {
		t, err := s.VerifyTag(linktoken.Mailbox, m.Org, tag)
		return err == nil && t.Message == m.ID
	}
	for _, d := range x.Reports {
		if d.Failed() && isToSelf(linktoken.TagOf(d.Recipient)) {
			return events.CheckFailed
		}
	}
	for _, tag := range x.Keys.Tags {
		if _, err := s.VerifyTag(linktoken.Reply, m.Org, tag); err == nil || isToSelf(tag) {
			return events.CheckPassed
		}
	}
	return ""
}

// Why answers arrive all the same, for people.
const withoutTags = "; no address with a tag is offered, answers are found by the message that they answer"

// TagDetail says in plain words what was found of an address with a tag.
func TagDetail(outcome, why string) string {
	switch outcome {
	case events.CheckPassed:
		return ""
	case events.CheckFailed:
		if why == "" {
			why = "it came back as undeliverable"
		}
		return "mail to the address with a + and a tag doesn't arrive: " + why + withoutTags
	}
	if why == "" {
		why = "a message to the address with a + and a tag hasn't arrived yet; it is looked for as long as the mailbox is read"
	}
	return why + withoutTags
}
