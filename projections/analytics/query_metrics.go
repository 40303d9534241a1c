package analytics

import "slices"

// messageSet is a set of messages: those of which there is a row that fits, unless there is another one. The people of a set are
// those that its messages went to.
type messageSet struct {
	facts  []string
	when   string // SQL on a row
	unless string // "" = nothing takes a message out of it
	in     []measure
	less   []measure // of the rollups
}

// Names of sets that are no metric.
const (
	setAttempted = "attempted" // sent, or refused for good
	setTried     = "tried"     // or nobody knows
)

// messageSets are the sets by name.
func messageSets() map[string]messageSet {
	fact := func(name string, in measure) messageSet {
		return messageSet{facts: []string{name}, when: `fact = '` + name + `'`, in: []measure{in}}
	}
	kind := func(name, more string, in measure) messageSet {
		return messageSet{facts: []string{name}, when: `fact = '` + name + `' AND ` + more, in: []measure{in}}
	}
	return map[string]messageSet{
		"sent":            fact(factSent, measureSent),
		"failed":          fact(factFailed, measureFailed),
		"in_doubt":        fact(factDoubt, measureInDoubt),
		setAttempted:      {facts: []string{factSent, factFailed}, when: `fact IN ('sent', 'failed')`, in: []measure{measureSent, measureFailed}},
		setTried:          {facts: []string{factSent, factFailed, factDoubt}, when: `fact IN ('sent', 'failed', 'in_doubt')`, in: []measure{measureSent, measureFailed, measureInDoubt}},
		"delivered":       {facts: []string{factSent, factBounce, factDrop}, when: `fact = 'sent'`, unless: `fact IN ('bounce', 'drop') AND came_back`, in: []measure{measureSent}, less: []measure{measureReturned}},
		"opened":          kind(factOpen, `kind = 'human'`, measureOpened),
		"machine_opened":  kind(factOpen, `kind != 'human'`, measureMachineOpened),
		"clicked":         kind(factClick, `kind = 'human'`, measureClicked),
		"scanner_clicked": kind(factClick, `kind != 'human'`, measureScannerClicked),
		"replied":         kind(factReply, `meaning `+byPerson, measureReplied),
		"interested":      kind(factReply, `meaning = 'interested'`, measureInterested),
		"auto_replied":    kind(factReply, `NOT meaning `+byPerson, measureAutoReplied),
		"out_of_office":   kind(factReply, `meaning = 'out_of_office'`, measureOutOfOffice),
		"meeting":         fact(factMeeting, measureMeetings),
		"bounced":         fact(factBounce, measureBounced),
		"bounced_hard":    kind(factBounce, `kind = 'hard'`, measureBouncedHard),
		"bounced_soft":    kind(factBounce, `kind = 'soft'`, measureBouncedSoft),
		"bounced_block":   kind(factBounce, `kind = 'block'`, measureBouncedBlock),
		"bounced_other":   kind(factBounce, `kind NOT IN ('hard', 'soft', 'block')`, measureBouncedOther),

		"dropped":              fact(factDrop, measureDropped),
		"dropped_bounced":      kind(factDrop, `kind = 'bounced'`, measureDroppedBounced),
		"dropped_invalid":      kind(factDrop, `kind = 'invalid'`, measureDroppedInvalid),
		"dropped_unsubscribed": kind(factDrop, `kind = 'unsubscribed'`, measureDroppedUnsubscribed),
		"dropped_complained":   kind(factDrop, `kind = 'complained'`, measureDroppedComplained),
		"dropped_content":      kind(factDrop, `kind = 'content'`, measureDroppedContent),
		"dropped_quota":        kind(factDrop, `kind = 'quota'`, measureDroppedQuota),
		"dropped_other":        kind(factDrop, `kind NOT IN (`+namedDrops+`)`, measureDroppedOther),
		"delayed":              fact(factDelay, measureDelayed),

		"complained":   fact(factComplaint, measureComplained),
		"unsubscribed": fact(factUnsubscribe, measureUnsubscribed),
	}
}

// Metrics lists what can be asked for. Each is the name of its set.
func Metrics() []string {
	return []string{"sent", "failed", "in_doubt", "delivered", "opened", "machine_opened", "clicked", "scanner_clicked", "replied", "interested", "auto_replied", "out_of_office", "meeting",
		"bounced", "bounced_hard", "bounced_soft", "bounced_block", "bounced_other", "dropped", "dropped_bounced", "dropped_invalid", "dropped_unsubscribed", "dropped_complained", "dropped_content", "dropped_quota",
		"dropped_other", "delayed", "complained", "unsubscribed"}
}

// OnlyOfMessages reports whether a metric has no meaning for people: somebody of whose two messages one came back was not "delivered".
func OnlyOfMessages(metric string) bool { return metric == "delivered" }

// denominatorOf is what a metric is a share of, and the set that this is. Of people it is those written to, for what messages that arrived can bring.
func denominatorOf(metric string, person bool) (name, set string) {
	switch metric {
	case "sent", "failed", "bounced", "bounced_hard", "bounced_soft", "bounced_block", "bounced_other", "dropped", "dropped_bounced", "dropped_invalid", "dropped_unsubscribed", "dropped_complained",
		"dropped_content", "dropped_quota", "dropped_other", "delayed":
		return ofAttempted, setAttempted
	case "in_doubt":
		return ofTried, setTried
	case "delivered":
		return ofSent, "sent"
	}
	if person {
		return ofWrittenTo, "sent"
	}
	return ofDelivered, "delivered"
}

// factsOf are the facts that some sets look at, in order.
func factsOf(sets []string) (out []string) {
	all := messageSets()
	for _, s := range sets {
		out = append(out, all[s].facts...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
