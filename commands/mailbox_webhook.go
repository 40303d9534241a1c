package commands

import (
	"slices"
	"strconv"
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// SetMailboxWebhookKeys replaces the public keys by which what a mailbox's provider says is checked.
type SetMailboxWebhookKeys struct {
	events.MailboxRef
	Reports []string `json:"reports,omitzero"`
	Mail    []string `json:"mail,omitzero"`
}

func (SetMailboxWebhookKeys) CommandType() string { return "mailbox.set_webhook_keys.v1" }

// maxWebhookKeys is how many keys may hold at once: the newest, and those that it replaces.
const maxWebhookKeys = 3

// Decide has nothing to do when they are the ones that hold.
func (c SetMailboxWebhookKeys) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case is.Transport != events.TransportSendGrid:
		return nil, errInvalid("id", "is of a mailbox whose provider reports nothing")
	}
	for name, keys := range map[string][]string{"reports": c.Reports, "mail": c.Mail} {
		if len(keys) > maxWebhookKeys {
			return nil, errInvalid(name, "must be "+strconv.Itoa(maxWebhookKeys)+" at most")
		}
		for _, k := range keys {
			if err := checkText(name, k, 1, 500); err != nil {
				return nil, err
			}
		}
	}
	if was := is.WebhookKeys(); slices.Equal(was.Reports, c.Reports) && slices.Equal(was.Mail, c.Mail) {
		return nil, nil
	}
	return oneEvent(events.MailboxWebhookKeysSet(c))
}
