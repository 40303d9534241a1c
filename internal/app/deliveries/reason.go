package deliveries

import (
	"regexp"
	"strings"

	"outrider/events"
)

// dropReason reads why SendGrid dropped a message, of its words.
func dropReason(words string) string {
	said := strings.ToLower(words)
	for _, x := range []struct{ word, reason string }{
		{"bounced address", events.DroppedBounced}, {"unsubscribed address", events.DroppedUnsubscribed}, {"group unsubscribe", events.DroppedUnsubscribed}, {"spam reporting address", events.DroppedComplained},
		{"spam content", events.DroppedContent}, {"package quota", events.DroppedQuota}, {"invalid", events.DroppedInvalid},
	} {
		if strings.Contains(said, x.word) {
			return x.reason
		}
	}
	return events.DroppedOther
}

var address = regexp.MustCompile(`[^\s<>()\[\]",;:]+@[^\s<>()\[\]",;:]+`)

// HideAddresses takes addresses out of what a server said: the log holds none in plain text.
func HideAddresses(text string) string { return address.ReplaceAllString(text, "<address>") }
