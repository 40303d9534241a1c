package analytics

// Rate is a share of distinct messages, both of one cohort: those sent, not those in which something happened.
type Rate struct {
	Count       uint64
	Of          uint64
	Denominator string  // sent | delivered | attempted = sent + failed
	Rate        float64 // 0 when nothing was sent
	Low, High   float64 // in which the true share lies
}

// Figures are those of a campaign, a day, a step and so on. Counts are distinct messages. Opened and machine-opened don't exclude
// each other. Delivered is inferred: accepted, and not known to have come back within 72 h.
type Figures struct {
	EmailsSent        uint64 // accepted after DATA
	Failed            uint64
	InDoubt           uint64 // that ever were
	Delivered         Rate
	DeliveredInferred bool
	NotYetFinal       uint64 // of those sent, on days whose 72 h may not be over
	Opens             Rate
	MachineOpens      Rate
	Clicks            Rate
	ScannerClicks     Rate
	Replies           Rate
	AutoReplies       Rate
	Meetings          Rate
	Bounces           Rate // also at RCPT, so the denominator is attempted
	Complaints        Rate
	Unsubscribes      Rate
}

// Delivered is counted as neither failed nor returned, so a rate may be of one of these.
const (
	ofSent      = "sent"
	ofDelivered = "delivered"
	ofAttempted = "attempted"
	ofTried     = "tried"      // attempted, or nobody knows
	ofWrittenTo = "written_to" // people
)

// NewRate is the share of count in of, with the interval in which the true one lies.
func NewRate(count, of uint64, denominator string) Rate {
	r := Rate{Count: count, Of: of, Denominator: denominator}
	if of > 0 {
		r.Rate = float64(count) / float64(of)
	}
	r.Low, r.High = Interval(count, of)
	return r
}

// cohortCounts is the counts of a cohort. A message is in one cohort only, so that tallies add up.
type cohortCounts struct {
	n           [measureCount]uint64
	notYetFinal uint64
}

func (t *cohortCounts) addCount(m measure, n uint64, notYetFinal bool) {
	t.n[m] += n
	if notYetFinal && m == measureSent {
		t.notYetFinal += n
	}
}

func (t *cohortCounts) toFigures() Figures {
	sent, failed := t.n[measureSent], t.n[measureFailed]
	delivered := sent - min(sent, t.n[measureReturned])
	rate := func(m measure) Rate { return NewRate(t.n[m], delivered, ofDelivered) }
	return Figures{
		EmailsSent:        sent,
		Failed:            failed,
		InDoubt:           t.n[measureInDoubt],
		Delivered:         NewRate(delivered, sent, ofSent),
		DeliveredInferred: true,
		NotYetFinal:       t.notYetFinal,
		Opens:             rate(measureOpened),
		MachineOpens:      rate(measureMachineOpened),
		Clicks:            rate(measureClicked),
		ScannerClicks:     rate(measureScannerClicked),
		Replies:           rate(measureReplied),
		AutoReplies:       rate(measureAutoReplied),
		Meetings:          rate(measureMeetings),
		Bounces:           NewRate(t.n[measureBounced], sent+failed, ofAttempted),
		Complaints:        rate(measureComplained),
		Unsubscribes:      rate(measureUnsubscribed),
	}
}

// tallyOf returns the tally of a key, creating an empty one.
func tallyOf[K comparable](m map[K]*cohortCounts, k K) *cohortCounts {
	if m[k] == nil {
		m[k] = &cohortCounts{}
	}
	return m[k]
}
