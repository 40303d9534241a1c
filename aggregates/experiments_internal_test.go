package aggregates

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Who has answered twice is a success until neither answer is one; what happens in another campaign changes nothing.
func TestASuccessLastsWhileAnAnswerIsOne(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	lead, campaign, other := uuid.New(), uuid.New(), uuid.New()
	running := func(campaign uuid.UUID, won int) *Experiment {
		return &Experiment{CampaignID: campaign, metric: events.MetricHumanReply, window: 30 * 24 * hour, Arms: []*Arm{{won: won}}, people: map[uuid.UUID]exposure{lead: {at: toMicros(at), seen: uint8(won), wins: uint8(won)}}}
	}
	x, elsewhere := running(campaign, 0), running(other, 1)
	o := &Organization{}
	o.Experiments.running = []*Experiment{x, elsewhere}
	mails := []uuid.UUID{uuid.New(), uuid.New(), uuid.New()}
	about := events.SentMessageRef{MessageID: uuid.New(), LeadID: lead, CampaignID: campaign}
	answered := func(n int) events.Event {
		return events.MessageReplied{SentMessageRef: about, Mail: events.Mail{MailID: mails[n], ReceivedAt: at.Add(time.Hour)}, From: events.FromLead}
	}
	corrected := func(n int, meaning string) events.Event {
		return events.ReplyReclassified{SentMessageRef: about, MailID: mails[n], From: events.FromLead, ReceivedAt: at.Add(time.Hour), Meaning: meaning}
	}
	for i, step := range []struct {
		event events.Event
		won   int
	}{
		{answered(0), 1}, {answered(1), 1}, {corrected(0, events.MeansAutomatic), 1}, {corrected(0, events.MeansOutOfOffice), 1}, {corrected(1, events.MeansOutOfOffice), 0},
		{events.MessageAutoReplied{SentMessageRef: about, Mail: events.Mail{MailID: mails[2], ReceivedAt: at.Add(time.Hour)}}, 0}, {corrected(2, events.MeansNotNow), 1}, {corrected(2, events.MeansInterested), 1},
		{corrected(2, events.MeansAutomatic), 0}, {corrected(1, events.MeansOther), 1},
	} {
		of := step.event.(events.EngagementEvent)
		was := o.understood(of)
		o.applyHeard(of)
		o.observeEngagement(of, was)
		if x.Arms[0].won != step.won || elsewhere.Arms[0].won != 1 {
			t.Errorf("after step %d: %d, want %d; elsewhere %d", i, x.Arms[0].won, step.won, elsewhere.Arms[0].won)
		}
	}
}
