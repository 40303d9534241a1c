package projections

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// sentMessageDetail is for everything that recipients did with a message that left.
type sentMessageDetail struct {
	MessageID  uuid.UUID `json:"message_id"`
	CampaignID uuid.UUID `json:"campaign_id,omitzero"`
}

func detailOfSentMessage(r events.SentMessageRef) sentMessageDetail {
	return sentMessageDetail{r.MessageID, r.CampaignID}
}

type messageOpenedDetail struct {
	sentMessageDetail
	Class string    `json:"class"`
	At    time.Time `json:"at"`
}

func (d messageOpenedDetail) toSentence() sentence {
	variant, who := byClass(d.Class)
	return sentence{variant, "The message was opened" + who + "."}
}

type messageClickedDetail struct {
	sentMessageDetail
	Class string    `json:"class"`
	Link  int       `json:"link"`
	At    time.Time `json:"at"`
}

func (d messageClickedDetail) toSentence() sentence {
	variant, who := byClass(d.Class)
	return sentence{variant, fmt.Sprintf("Link %d of the message was followed%s.", d.Link+1, who)}
}

type hitReclassifiedDetail struct {
	sentMessageDetail
	Class  string `json:"class"`
	Reason string `json:"reason"`
}

func (d hitReclassifiedDetail) toSentence() sentence {
	variant, who := byClass(d.Class)
	return sentence{variant, "A correction: an opening or a click was" + who + addReason(d.Reason) + "."}
}

type messageRepliedDetail struct {
	sentMessageDetail
	From    string    `json:"from"`
	At      time.Time `json:"at"`
	Meaning string    `json:"meaning,omitzero"`

	Confidence int    `json:"confidence,omitzero"`
	Source     string `json:"source,omitzero"`
	AskAgain   string `json:"ask_again,omitzero"`
}

type replyReclassifiedDetail struct {
	sentMessageDetail
	At       time.Time `json:"at"`
	Meaning  string    `json:"meaning"`
	Was      string    `json:"was,omitzero"`
	AskAgain string    `json:"ask_again,omitzero"`
}

func (d replyReclassifiedDetail) toSentence() sentence {
	if d.Was == d.Meaning {
		return sentence{"confirmed", "Somebody confirmed what the answer means: " + spellOut(d.Meaning) + "."}
	}
	return sentence{english: "Somebody corrected what the answer means: " + spellOut(d.Meaning) + "."}
}

func (d messageRepliedDetail) toSentence() sentence {
	if d.Meaning == events.MeansMaybeUnsubscribe {
		return sentence{d.Meaning, "An answer came that may ask for no more mail: please decide."}
	}
	switch d.From {
	case events.FromAlias:
		return sentence{d.From, "An answer came from another address of this person."}
	case events.FromCompany:
		return sentence{d.From, "An answer came from somebody at the same company."}
	}
	return sentence{english: "An answer came from this person."}
}

type messageAutoRepliedDetail struct {
	sentMessageDetail
	OutOfOffice bool      `json:"out_of_office"`
	At          time.Time `json:"at"`
	ReturnDate  string    `json:"return_date,omitzero"`
	ForGood     string    `json:"for_good,omitzero"`
}

func (d messageAutoRepliedDetail) toSentence() sentence {
	switch {
	case d.ForGood == events.StopLeftCompany:
		return sentence{d.ForGood, "An automatic answer says that this person isn't there any more."}
	case d.ForGood == events.StopNotMonitored:
		return sentence{d.ForGood, "An automatic answer says that nobody reads this mailbox."}
	case !d.OutOfOffice:
		return sentence{english: "An automatic answer came."}
	case d.ReturnDate == "":
		return sentence{"out_of_office", "Is out of office."}
	}
	return sentence{"out_of_office_until", "Is out of office until " + d.ReturnDate + "."}
}

type messageBouncedDetail struct {
	sentMessageDetail
	Kind     string `json:"kind"`
	Code     int    `json:"code"`
	Enhanced string `json:"enhanced"`
	AtRCPT   bool   `json:"at_rcpt"`
}

func (d messageBouncedDetail) toSentence() sentence {
	s := sentence{english: "The message came back (" + spellOut(d.Kind) + " bounce, " + d.Enhanced + ")."}
	if d.AtRCPT {
		s.variant = "at_rcpt" // refused at once, so it never left
	}
	return s
}

type messageComplainedDetail struct {
	sentMessageDetail
	Kind string `json:"kind"`
}

type messageDeliveredDetail struct {
	sentMessageDetail
	At time.Time `json:"at"`
}

type messageDelayedDetail struct {
	sentMessageDetail
	Code     int       `json:"code"`
	Enhanced string    `json:"enhanced"`
	At       time.Time `json:"at"`
}

type messageDroppedDetail struct {
	sentMessageDetail
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

type leadUnsubscribedDetail struct {
	sentMessageDetail
	How string    `json:"how"`
	At  time.Time `json:"at"`
}

// engagementTexts are for what recipients did with a message that left.
func engagementTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.MessageOpened) messageOpenedDetail {
			return messageOpenedDetail{detailOfSentMessage(e.SentMessageRef), e.Class, e.At}
		}, messageOpenedDetail.toSentence),
		tellAs(func(e events.MessageClicked) messageClickedDetail {
			return messageClickedDetail{detailOfSentMessage(e.SentMessageRef), e.Class, e.Link, e.At}
		}, messageClickedDetail.toSentence),
		tellAs(func(e events.HitReclassified) hitReclassifiedDetail {
			return hitReclassifiedDetail{detailOfSentMessage(e.SentMessageRef), e.Class, e.Reason}
		}, hitReclassifiedDetail.toSentence),
		tellAs(func(e events.MessageReplied) messageRepliedDetail {
			return messageRepliedDetail{detailOfSentMessage(e.SentMessageRef), e.From, e.ReceivedAt, e.Meaning, e.Confidence, e.Source, e.AskAgain}
		}, messageRepliedDetail.toSentence),
		tellAs(func(e events.ReplyReclassified) replyReclassifiedDetail {
			return replyReclassifiedDetail{detailOfSentMessage(e.SentMessageRef), e.ReceivedAt, e.Meaning, e.Was, e.AskAgain}
		}, replyReclassifiedDetail.toSentence),
		tellAs(func(e events.MessageAutoReplied) messageAutoRepliedDetail {
			return messageAutoRepliedDetail{detailOfSentMessage(e.SentMessageRef), e.OutOfOffice, e.ReceivedAt, e.ReturnDate, e.ForGood}
		}, messageAutoRepliedDetail.toSentence),
		tellAs(func(e events.MessageBounced) messageBouncedDetail {
			return messageBouncedDetail{detailOfSentMessage(e.SentMessageRef), e.Kind, e.Code, e.Enhanced, e.AtRCPT}
		}, messageBouncedDetail.toSentence),
		tellAs(func(e events.MessageComplained) messageComplainedDetail {
			return messageComplainedDetail{detailOfSentMessage(e.SentMessageRef), e.Kind}
		}, func(d messageComplainedDetail) sentence {
			return sentence{english: "Complained about the message" + addReason(d.Kind) + "."}
		}),
		tellAs(func(e events.MessageDelivered) messageDeliveredDetail {
			return messageDeliveredDetail{detailOfSentMessage(e.SentMessageRef), e.DeliveredAt}
		}, func(messageDeliveredDetail) sentence { return sentence{english: "The message was delivered."} }),
		tellAs(func(e events.MessageDelayed) messageDelayedDetail {
			return messageDelayedDetail{detailOfSentMessage(e.SentMessageRef), e.Code, e.Enhanced, e.DelayedAt}
		}, func(messageDelayedDetail) sentence {
			return sentence{english: "The receiver's server put the message off; the provider tries again."}
		}),
		tellAs(func(e events.MessageDropped) messageDroppedDetail {
			return messageDroppedDetail{detailOfSentMessage(e.SentMessageRef), e.Reason, e.DroppedAt}
		}, func(d messageDroppedDetail) sentence {
			return sentence{english: "The provider gave the message up without trying" + addReason(d.Reason) + "."}
		}),
		tellAs(func(e events.LeadUnsubscribed) leadUnsubscribedDetail {
			return leadUnsubscribedDetail{detailOfSentMessage(e.SentMessageRef), e.How, e.At}
		}, func(d leadUnsubscribedDetail) sentence {
			return sentence{english: "Unsubscribed (" + spellOut(d.How) + ")."}
		}),
	}
}
