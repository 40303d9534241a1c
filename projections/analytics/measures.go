package analytics

import "strings"

// measure is a set of messages that is counted. The tables' Enum8 holds its number, so a new one comes at the end, and with a
// migration of the rollups.
type measure int

const (
	measureSent measure = iota
	measureFailed
	measureInDoubt
	measureOpened
	measureMachineOpened
	measureClicked
	measureScannerClicked
	measureReplied
	measureAutoReplied
	measureBounced
	measureReturned // sent and not delivered
	measureComplained
	measureUnsubscribed
	measureMeetings
	measureInterested
	measureOutOfOffice
	measureBouncedHard
	measureBouncedSoft
	measureBouncedBlock
	measureBouncedOther
	measureDropped
	measureDelayed
	measureDroppedBounced
	measureDroppedInvalid
	measureDroppedUnsubscribed
	measureDroppedComplained
	measureDroppedContent
	measureDroppedQuota
	measureDroppedOther

	measureCount // how many there are
)

// enumNumber is the number in the tables' Enum8, which counts from 1.
func (m measure) enumNumber() int { return int(m) + 1 }

// measureOfEnum is the inverse of enumNumber.
func measureOfEnum(number uint8) measure { return measure(number) - 1 }

// measureRule is the name of a measure in the tables, and the rows of engagement that it counts.
type measureRule struct{ name, when string }

func measureRules() [measureCount]measureRule {
	return [measureCount]measureRule{
		measureSent:           {"sent", "fact = 'sent'"},
		measureFailed:         {"failed", "fact = 'failed'"},
		measureInDoubt:        {"in_doubt", "fact = 'in_doubt'"},
		measureOpened:         {"opened", "fact = 'open' AND class = 'human'"},
		measureMachineOpened:  {"machine_opened", "fact = 'open' AND class != 'human'"},
		measureClicked:        {"clicked", "fact = 'click' AND class = 'human'"},
		measureScannerClicked: {"scanner_clicked", "fact = 'click' AND class != 'human'"},
		measureReplied:        {"replied", "fact = 'reply' AND reply_class " + byPerson},
		measureAutoReplied:    {"auto_replied", "fact = 'reply' AND NOT reply_class " + byPerson},
		measureBounced:        {"bounced", "fact = 'bounce'"},
		measureReturned:       {"came_back", "fact IN ('bounce', 'drop') AND returned"},
		measureComplained:     {"complained", "fact = 'complaint'"},
		measureUnsubscribed:   {"unsubscribed", "fact = 'unsubscribe'"},
		measureMeetings:       {"meetings", "fact = 'meeting'"},
		measureInterested:     {"interested", "fact = 'reply' AND reply_class = 'interested'"},
		measureOutOfOffice:    {"out_of_office", "fact = 'reply' AND reply_class = 'out_of_office'"},
		measureBouncedHard:    {"bounced_hard", "fact = 'bounce' AND class = 'hard'"},
		measureBouncedSoft:    {"bounced_soft", "fact = 'bounce' AND class = 'soft'"},
		measureBouncedBlock:   {"bounced_block", "fact = 'bounce' AND class = 'block'"},
		measureBouncedOther:   {"bounced_other", "fact = 'bounce' AND class NOT IN ('hard', 'soft', 'block')"},

		measureDropped:             {"dropped", "fact = 'drop'"},
		measureDelayed:             {"delayed", "fact = 'delay'"},
		measureDroppedBounced:      {"dropped_bounced", "fact = 'drop' AND class = 'bounced'"},
		measureDroppedInvalid:      {"dropped_invalid", "fact = 'drop' AND class = 'invalid'"},
		measureDroppedUnsubscribed: {"dropped_unsubscribed", "fact = 'drop' AND class = 'unsubscribed'"},
		measureDroppedComplained:   {"dropped_complained", "fact = 'drop' AND class = 'complained'"},
		measureDroppedContent:      {"dropped_content", "fact = 'drop' AND class = 'content'"},
		measureDroppedQuota:        {"dropped_quota", "fact = 'drop' AND class = 'quota'"},
		measureDroppedOther:        {"dropped_other", "fact = 'drop' AND class NOT IN (" + namedDrops + ")"},
	}
}

// selectMeasures returns SQL that repeats a row of engagement for each measure that counts it.
func selectMeasures() string {
	all := measureRules()
	return selectRules(all[:])
}

func selectRules(rules []measureRule) string {
	var all []string
	for _, m := range rules {
		all = append(all, "if("+m.when+", '"+m.name+"', '')")
	}
	return `arrayJoin(arrayFilter(x -> x != '', [` + strings.Join(all, ", ") + `]))`
}

// namedDrops are the reasons to drop that have a measure of their own.
const namedDrops = `'bounced', 'invalid', 'unsubscribed', 'complained', 'content', 'quota'`

// OutcomesOfRow returns SQL that repeats a row with fact, class, reply_class and returned for each figure of a report that counts it, by its name.
func OutcomesOfRow() string {
	all := measureRules()
	return selectRules(append(all[:measureInterested:measureInterested], all[measureDropped], all[measureDelayed]))
}
