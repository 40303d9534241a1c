package projections

import (
	"outrider/events"
)

type flagDetail struct {
	Flag string `json:"flag"`
	On   bool   `json:"on"`
	Why  string `json:"why,omitempty"`
}

func flagTexts() []timelineText {
	return []timelineText{
		tellNothing[events.FlagCreated](), // of the installation, whose flags have a page of their own
		tellNothing[events.FlagChanged](),
		tellNothing[events.FlagKilled](),
		tellNothing[events.FlagRevived](),
		tellNothing[events.FlagScheduleReached](),
		tellNothing[events.FlagTrialStarted](),
		tellNothing[events.FlagTrialEnded](),
		tellAs(func(e events.FlagSwitched) flagDetail { return flagDetail{e.Flag, e.On, e.Why} }, func(d flagDetail) sentence {
			if d.On {
				return sentence{"on", "The operator has switched a feature on: " + spellOut(d.Flag) + "."}
			}
			return sentence{"off", "The operator has switched a feature off: " + spellOut(d.Flag) + "."}
		}),
	}
}
