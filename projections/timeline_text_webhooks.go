package projections

import (
	"time"

	"outrider/events"
)

type webhookDetail struct {
	Kind     string   `json:"kind,omitzero"`
	Types    []string `json:"types,omitzero"`
	Personal bool     `json:"personal,omitzero"`
}

type webhookReplayDetail struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

func webhookTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.WebhookAdded) webhookDetail { return webhookDetail{e.Kind, e.Types, e.Personal} }, func(d webhookDetail) sentence {
			if d.Personal {
				return sentence{"personal", "A webhook was added, with what is known of people."}
			}
			return sentence{english: "A webhook was added."}
		}),
		tellAs(func(e events.WebhookChanged) webhookDetail { return webhookDetail{"", e.Types, e.Personal} }, func(webhookDetail) sentence {
			return sentence{english: "A webhook was changed."}
		}),
		tellSentence[events.WebhookSecretRotated]("A webhook got another secret."),
		tellAs(func(e events.WebhookDisabled) reasonDetail { return reasonDetail{e.Reason} }, func(d reasonDetail) sentence {
			switch d.Reason {
			case events.WebhookOffGone:
				return sentence{d.Reason, "A webhook was switched off, as it answered that it is gone."}
			case events.WebhookOffFailing:
				return sentence{d.Reason, "A webhook was switched off, as nothing could be delivered to it for days."}
			}
			return sentence{english: "A webhook was switched off."}
		}),
		tellSentence[events.WebhookEnabled]("A webhook was switched on."),
		tellSentence[events.WebhookRemoved]("A webhook was removed."),
		tellSentence[events.WebhookTested]("A test was sent to a webhook."),
		tellAs(func(e events.WebhookReplayRequested) webhookReplayDetail { return webhookReplayDetail{e.From, e.To} }, func(d webhookReplayDetail) sentence {
			return sentence{english: "What happened from " + d.From.UTC().Format("2 January 2006, 15:04") + " to " + d.To.UTC().Format("2 January 2006, 15:04") + " (UTC) is delivered to a webhook once more."}
		}),
		tellSentence[events.WebhookRedeliveryRequested]("An event is delivered to a webhook once more."),
	}
}
