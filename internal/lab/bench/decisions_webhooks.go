package bench

import (
	"time"

	"outrider/commands"
	"outrider/events"
)

// webhookSituations has as many webhooks as there may be.
func (w *decisionWorld) webhookSituations() []situation {
	ref := func(n int) events.WebhookRef { return events.WebhookRef{WebhookID: w.id("webhook", n)} }
	types := []string{"message.replied", "meeting.booked"}
	name := "Warehouse"
	return []situation{
		{"of many", commands.MaxWebhooks, func(n int) commands.Command {
			return commands.AddWebhook{WebhookRef: ref(n), Kind: events.WebhookEndpoint, WebhookSettings: events.WebhookSettings{URL: decisionSealed, Types: types, Version: 1}}
		}},
		{"of many", 3, func(n int) commands.Command { return commands.ChangeWebhook{WebhookRef: ref(n), Name: &name} }},
		{"of many", 3, func(n int) commands.Command {
			return commands.RotateWebhookSecret{WebhookRef: ref(n), RotationID: w.id("rotation", n), OldUntil: w.now.Add(time.Hour)}
		}},
		{"of many", 3, func(n int) commands.Command { return commands.TestWebhook{WebhookRef: ref(n), TestID: w.id("test", n)} }},
		{"of many", 3, func(n int) commands.Command {
			return commands.ReplayWebhook{WebhookRef: ref(n), ReplayID: w.id("replay", n), From: w.now.Add(-time.Hour), To: w.now}
		}},
		{"of many", 3, func(n int) commands.Command {
			return commands.RedeliverWebhook{WebhookRef: ref(n), RedeliveryID: w.id("redelivery", n), DeliveryID: w.id("delivery", n)}
		}},
		{"of many", 3, func(n int) commands.Command {
			return commands.DisableWebhook{WebhookRef: ref(n), Reason: events.WebhookOffGone, Status: 410}
		}},
		{"of many", 3, func(n int) commands.Command { return commands.RemoveWebhook{WebhookRef: ref(n)} }},
	}
}
