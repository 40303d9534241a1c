package api

import (
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/events"
)

func (h *pacingHandlers) getHealth(c *call, id uuid.UUID) error {
	if _, err := h.loadMailbox(c, id); err != nil {
		return err
	}
	var out gen.MailboxHealth
	if err := h.showState(c, func(o *aggregates.Organization, now time.Time) {
		m := o.Mailboxes.Get(id)
		if m == nil {
			return
		}
		_, mailboxes := o.DomainCounts(m.Domain, now)
		out.Mailbox, out.Domain = healthSum(m.HealthAt(now), 1), healthSum(o.DomainHealth(m.Domain, now), mailboxes)
		if m.Paused != "" {
			out.Requalification = requalificationOf(m, o.RequalifiesAt(m, now))
		}
	}); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}

func healthSum(h aggregates.Health, mailboxes int) gen.HealthSum {
	out := gen.HealthSum{Health: h.Score, Sent: h.Counts.Sent, Mailboxes: mailboxes, Parts: make([]gen.HealthPart, len(h.Parts))}
	for i, p := range h.Parts {
		text, types := partWords(p.Part)
		out.Parts[i] = gen.HealthPart{Part: gen.HealthPartPart(p.Part), Text: text, Count: p.Count, Of: p.Of, Low: p.Low, High: p.High, Enough: p.Enough, Points: p.Points, Limit: p.Limit, Outcome: p.Outcome, EventTypes: types}
	}
	return out
}

// partWords says what a part is, and which events it counts.
func partWords(part string) (text string, types []string) {
	x := map[string]struct {
		text  string
		types []string
	}{
		aggregates.PartHardBounces:    {"Addresses that don't exist", []string{"message.bounced."}},
		aggregates.PartSoftBounces:    {"Mailboxes that are full, and the like", []string{"message.bounced."}},
		aggregates.PartComplaints:     {"Complaints", []string{"message.complained."}},
		aggregates.PartBlocks:         {"Refused for our reputation (5.7.x)", []string{"message.bounced."}},
		aggregates.PartDeferrals:      {"Put off for our reputation (4.7.x)", []string{"message.deferred."}},
		aggregates.PartReplies:        {"Answers", []string{"message.replied.", "message.reply_reclassified."}},
		aggregates.PartAuthentication: {"SPF, DKIM and DMARC of its domain", []string{"mailbox.checked."}},
	}[part]
	return x.text, x.types
}

// requalificationOf says what it takes for a mailbox to go on.
func requalificationOf(m *aggregates.Mailbox, at time.Time) gen.Requalification {
	out := gen.Requalification{Reason: m.Paused, At: at, ByItself: !at.IsZero(), Needs: []string{}}
	need := func(format string, a ...any) { out.Needs = append(out.Needs, fmt.Sprintf(format, a...)) }
	switch m.Paused {
	case events.PausedManual:
		need("Somebody stopped it; resume it when it may go on.")
		return out
	case events.PausedSignIn, events.PausedMailServer:
		need("Its mail server must take it again: verify it.")
		return out
	case events.PausedBounceRate, events.PausedDomainBounceRate:
		need("Of seven days, the share of messages to addresses that don't exist must fall so far that its lower bound is below %g %%.", float64(aggregates.MailboxBounceLimit)/1000)
		need("Check where the addresses come from before it goes on: the same list bounces the same way.")
	case events.PausedComplaintRate, events.PausedDomainComplaintRate:
		need("Of seven days, the lower bound of the share of complaints must fall below %g %%.", float64(aggregates.ComplaintLimit)/1000)
	case events.PausedBlocked, events.PausedDomainBlocked:
		need("Fewer than %d refusals for reputation within seven days.", aggregates.BlockLimit)
	}
	if out.ByItself {
		need("Then it goes on by itself, with half of its cap, and warms up again.")
	} else {
		need("It doesn't go on by itself: it has no stages to warm up by. Resume it, or set some.")
	}
	return out
}
