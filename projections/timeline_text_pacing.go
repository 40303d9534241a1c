package projections

import (
	"fmt"

	"outrider/events"
)

type holidaysDetail struct {
	Country string `json:"country"`
	Days    int    `json:"days"`
}

func holidaysSentence(d holidaysDetail) sentence {
	if d.Days == 0 {
		return sentence{"none", "Public holidays of " + d.Country + " are no longer heeded."}
	}
	return sentence{english: fmt.Sprintf("Nobody in %s is written to on %d public holidays.", d.Country, d.Days)}
}

type mailboxHoursDetail struct {
	Windows []events.Window `json:"windows"`
}

type warmupSetDetail struct {
	events.Warmup
	Cap int `json:"cap"`
}

func warmupSetSentence(d warmupSetDetail) sentence {
	if len(d.Stages) == 0 {
		return sentence{"none", "The mailbox no longer warms up by stages."}
	}
	return sentence{english: fmt.Sprintf("The mailbox warms up by stages, from %d a day.", d.Cap)}
}

type warmupSteppedDetail struct {
	Day    string `json:"day"`
	Cap    int    `json:"cap"`
	Stage  int    `json:"stage"`
	Change string `json:"change"`
	Reason string `json:"reason,omitzero"`
}

func warmupSteppedSentence(d warmupSteppedDetail) sentence {
	return sentence{d.Change, fmt.Sprintf("Warm-up, stage %d: %d a day (%s%s).", d.Stage, d.Cap, spellOut(d.Change), addReason(d.Reason))}
}
