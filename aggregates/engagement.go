package aggregates

import "outrider/events"

// applyEngagement counts the bounces, complaints and refusals that speak against a mailbox or a campaign.
func (o *Organization) applyEngagement(event events.EngagementEvent, was answerAs) {
	switch e := event.(type) {
	case events.MessageBounced:
		for _, r := range o.ratesOf(e.SentMessageRef) {
			switch d := r.dayAt(e.ReportedAt); e.Kind {
			case events.BounceHard:
				d.bounced++
			case events.BounceBlock:
				d.block++
			case events.BounceSoft:
				d.soft++
			}
		}
	case events.MessageComplained:
		for _, r := range o.ratesOf(e.SentMessageRef) {
			r.dayAt(e.ReportedAt).complained++
		}
	case events.MessageReplied:
		for _, r := range o.ratesOf(e.SentMessageRef) {
			r.dayAt(e.ReceivedAt).replied++
		}
	case events.ReplyReclassified:
		for _, r := range o.ratesOf(e.SentMessageRef) {
			r.correctReply(e.ReceivedAt, was.human, e.Human())
		}
	case events.MeetingBooked, events.MessageOpened, events.MessageClicked, events.HitReclassified,
		events.MessageAutoReplied, events.LeadUnsubscribed, events.MessageDelivered, events.MessageDelayed, events.MessageDropped: // change nothing here
	}
}

func (o *Organization) ratesOf(r events.SentMessageRef) (out []*Rate) {
	if m := o.Mailboxes.byID[r.MailboxID]; m != nil {
		out = append(out, &m.Rate)
	}
	if c := o.Campaigns[r.CampaignID]; c != nil {
		out = append(out, &c.Rate)
	}
	return out
}
