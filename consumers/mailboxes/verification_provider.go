package mailboxes

import (
	"context"
	"strings"

	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/mail/senderdns"
	"outrider/internal/mail/smtp"
)

// checkSendingOnly checks a mailbox whose answers its provider hands over: whether the provider takes a message, and what the domain publishes. That mail comes back is seen
// when the messages to itself are handed over, which may be long after; the second of them goes to its address with a tag.
func (r *verification) checkSendingOnly(ctx context.Context) {
	sent := r.writeToSelf(ctx, mailboxes.NewSelfMessageID(r.Signer, r.box), r.box.Address)
	auth, self, detail := events.CheckPassed, events.CheckPassed, ""
	switch {
	case sent.Outcome == smtp.Accepted:
	case sent.Stage == smtp.StageAuth:
		auth, self, detail = events.CheckFailed, events.CheckUnknown, resultText(sent)
	case sent.Stage == smtp.StageConnect:
		auth, self, detail = events.CheckUnknown, events.CheckUnknown, resultText(sent)
	default:
		self, detail = events.CheckFailed, resultText(sent)
	}
	authDetail, selfDetail := "", detail
	if auth != events.CheckPassed {
		authDetail, selfDetail = detail, skipped
	}
	r.say(events.CheckSMTPAuth, auth, authDetail)
	r.say(events.CheckSendToSelf, self, selfDetail)
	r.say(events.CheckReadBack, events.CheckUnknown, "it counts when the message to itself is handed over: let inbound parse post to the mailbox's address for mail")
	_, domain, _ := strings.Cut(r.box.Address, "@")
	f := senderdns.Check(ctx, r.Lookup, domain, nil)
	r.say(events.CheckDNS, string(f.Outcome), f.Detail)
	if to, ok := r.box.WithTag(mailboxes.TagToSelf(r.Signer, r.box.Org, r.box.ID)); ok && sent.Outcome == smtp.Accepted {
		r.writeToSelf(ctx, mailboxes.NewSelfMessageID(r.Signer, r.box), to)
	}
}
