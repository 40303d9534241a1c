package projections

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

type messageClaimedDetail struct {
	messageDetail
	MailboxID uuid.UUID `json:"mailbox_id"`
}

type messageSentDetail struct {
	messageDetail
	Step      int       `json:"step"`
	MailboxID uuid.UUID `json:"mailbox_id"`
	At        time.Time `json:"at"`
}

// smtpDetail is a server's answer, without its text.
type smtpDetail struct {
	Stage    string `json:"stage"`
	Code     int    `json:"code"`
	Enhanced string `json:"enhanced"`
}

func detailOfSMTP(r events.SMTPReply) smtpDetail { return smtpDetail{r.Stage, r.Code, r.Enhanced} }

type messageDeferredDetail struct {
	messageDetail
	smtpDetail
	Tries int       `json:"tries"`
	Until time.Time `json:"until"`
}

type messageFailedDetail struct {
	messageDetail
	smtpDetail
	Step      int  `json:"step"`
	Permanent bool `json:"permanent"`
}

func (d messageFailedDetail) toSentence() sentence {
	return sentence{english: fmt.Sprintf("The message%s wasn't sent: refused at %s (%d).", ofStep(d.Step), spellOut(d.Stage), d.Code)}
}

type messageInDoubtDetail struct {
	messageDetail
	Step int `json:"step"`
}

type messageResolvedDetail struct {
	messageDetail
	Sent bool   `json:"sent"`
	By   string `json:"by"`
}

func (d messageResolvedDetail) toSentence() sentence {
	switch {
	case d.Sent && d.By == events.ResolvedByHit:
		return sentence{"sent_hit", "The message had been sent after all: it was opened, or a link in it followed."}
	case d.Sent && d.By == events.ResolvedByLeaving:
		return sentence{"sent_unsubscribe", "The message had been sent after all: they unsubscribed by it."}
	case d.Sent && d.By == events.ResolvedByBooking:
		return sentence{"sent_booking", "The message had been sent after all: they booked a meeting by it."}
	case d.Sent:
		return sentence{"sent", "The message had been sent after all, says " + spellOut(d.By) + "."}
	}
	return sentence{"not_sent", "The message had not been sent, says " + spellOut(d.By) + "."}
}

// sendingTexts are for a message that a sender has claimed.
func sendingTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.MessageClaimed) messageClaimedDetail {
			return messageClaimedDetail{detailOfMessage(e.MessageRef), e.MailboxID}
		}, func(messageClaimedDetail) sentence {
			return sentence{english: "A sender has taken the message, and may send it now."}
		}),
		tellAs(func(e events.MessageSent) messageSentDetail {
			return messageSentDetail{detailOfMessage(e.MessageRef), e.Step, e.MailboxID, e.AcceptedAt}
		}, func(d messageSentDetail) sentence {
			return sentence{english: "The message" + ofStep(d.Step) + " was sent" + onMinute(": accepted on ", d.At) + "."}
		}),
		tellAs(func(e events.MessageDeferred) messageDeferredDetail {
			return messageDeferredDetail{detailOfMessage(e.MessageRef), detailOfSMTP(e.SMTPReply), e.Tries, e.RetryAt}
		}, func(d messageDeferredDetail) sentence {
			return sentence{english: fmt.Sprintf("The receiving server put the message off (%d)%s.", d.Code, onMinute("; it is tried again on ", d.Until))}
		}),
		tellAs(func(e events.MessageFailed) messageFailedDetail {
			return messageFailedDetail{detailOfMessage(e.MessageRef), detailOfSMTP(e.SMTPReply), e.Step, e.Permanent}
		}, messageFailedDetail.toSentence),
		tellAs(func(e events.MessageInDoubt) messageInDoubtDetail {
			return messageInDoubtDetail{detailOfMessage(e.MessageRef), e.Step}
		}, func(d messageInDoubtDetail) sentence {
			return sentence{english: "Nobody knows whether the message" + ofStep(d.Step) + " was sent; it isn't sent again by itself."}
		}),
		tellAs(func(e events.MessageResolved) messageResolvedDetail {
			return messageResolvedDetail{detailOfMessage(e.MessageRef), e.Sent, e.By}
		}, messageResolvedDetail.toSentence),
	}
}
