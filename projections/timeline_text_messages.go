package projections

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// messageDetail is for everything about a message before it is sent.
type messageDetail struct {
	MessageID  uuid.UUID `json:"message_id"`
	CampaignID uuid.UUID `json:"campaign_id"`
}

func detailOfMessage(r events.MessageRef) messageDetail {
	return messageDetail{r.MessageID, r.CampaignID}
}

type messageRequestedDetail struct {
	messageDetail
	Step         int       `json:"step"`
	Steps        int       `json:"steps"`
	StepsVersion int       `json:"steps_version"`
	VariantID    uuid.UUID `json:"variant_id"`
	MailboxID    uuid.UUID `json:"mailbox_id"`
	Earliest     time.Time `json:"earliest"`
	Attempt      int       `json:"attempt,omitzero"`
}

type messageDraftedDetail struct {
	messageDetail
	Number   int    `json:"number"`
	Writer   string `json:"writer"`
	Model    string `json:"model"`
	Fallback bool   `json:"fallback"`
}

type messageHeldDetail struct {
	messageDetail
	Reason  string   `json:"reason"`
	Missing []string `json:"missing"`
}

// messageReasonDetail is for what happens to a message for a reason.
type messageReasonDetail struct {
	messageDetail
	Reason string `json:"reason"`
}

type messageApprovedDetail struct {
	messageDetail
	By string `json:"by"`
}

type messageScheduledDetail struct {
	messageDetail
	MailboxID uuid.UUID `json:"mailbox_id"`
	At        time.Time `json:"at"`
}

type messagePostponedDetail struct {
	messageDetail
	Rule  string    `json:"rule"`
	Until time.Time `json:"until,omitzero"`
}

type messageRejectedDetail struct {
	messageDetail
	Then string `json:"then"`
}

// messageTexts are for a message until it may leave.
func messageTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.MessageRequested) messageRequestedDetail {
			return messageRequestedDetail{detailOfMessage(e.MessageRef), e.Step, e.Steps, e.StepsVersion, e.VariantID, e.MailboxID, e.Earliest, e.Attempt}
		}, func(d messageRequestedDetail) sentence {
			return sentence{english: fmt.Sprintf("A message was asked for: step %d of %d.", d.Step, d.Steps)}
		}),
		tellAs(func(e events.MessageDrafted) messageDraftedDetail {
			return messageDraftedDetail{detailOfMessage(e.MessageRef), e.Number, e.Writer, e.Model, e.Fallback}
		}, func(d messageDraftedDetail) sentence {
			return sentence{english: fmt.Sprintf("Draft %d was written by %s.", d.Number, spellOut(d.Writer))}
		}),
		tellAs(func(e events.MessageHeld) messageHeldDetail {
			return messageHeldDetail{detailOfMessage(e.MessageRef), e.Reason, e.Missing}
		}, func(d messageHeldDetail) sentence {
			return sentence{english: "The message is held" + addReason(d.Reason) + "." + listFields("Missing:", d.Missing)}
		}),
		tellAs(func(e events.MessageRedraftRequested) messageReasonDetail {
			return messageReasonDetail{detailOfMessage(e.MessageRef), e.Reason}
		}, func(d messageReasonDetail) sentence {
			return sentence{english: "Another draft was asked for" + addReason(d.Reason) + "."}
		}),
		tellAs(func(e events.MessageRejected) messageRejectedDetail {
			return messageRejectedDetail{detailOfMessage(e.MessageRef), e.Then}
		}, func(d messageRejectedDetail) sentence {
			if d.Then == events.RejectedRedraft {
				return sentence{d.Then, "A person rejected the draft and asked for another one."}
			}
			return sentence{english: "A person rejected the draft: the sequence ends."}
		}),
		tellAs(func(e events.MessageApprovalLapsed) messageReasonDetail {
			return messageReasonDetail{detailOfMessage(e.MessageRef), e.Reason}
		}, func(d messageReasonDetail) sentence {
			return sentence{english: "The draft says something that doesn't hold any more" + addReason(d.Reason) + ". It waits for a person again."}
		}),
		tellAs(func(e events.MessageApproved) messageApprovedDetail {
			return messageApprovedDetail{detailOfMessage(e.MessageRef), e.By}
		}, func(d messageApprovedDetail) sentence {
			return sentence{english: "The message was approved by a " + spellOut(d.By) + "."}
		}),
		tellAs(func(e events.MessageScheduled) messageScheduledDetail {
			return messageScheduledDetail{detailOfMessage(e.MessageRef), e.MailboxID, e.At}
		}, func(d messageScheduledDetail) sentence {
			return sentence{english: "The message was scheduled" + onMinute(" for ", d.At) + "."}
		}),
		tellAs(func(e events.MessagePostponed) messagePostponedDetail {
			return messagePostponedDetail{detailOfMessage(e.MessageRef), e.Rule, e.Until}
		}, func(d messagePostponedDetail) sentence {
			return sentence{english: "The message was postponed by a rule" + addReason(d.Rule) + onMinute(", until ", d.Until) + "."}
		}),
		tellAs(func(e events.MessageCancelled) messageReasonDetail {
			return messageReasonDetail{detailOfMessage(e.MessageRef), e.Reason}
		}, func(d messageReasonDetail) sentence {
			return sentence{english: "The message was cancelled" + addReason(d.Reason) + "."}
		}),
	}
}
