package projections

import (
	"fmt"

	"github.com/google/uuid"

	"outrider/events"
)

type experimentCreatedDetail struct {
	Name string `json:"name"`
	Arms int    `json:"arms"`
}

type armStoppedDetail struct {
	ArmID  uuid.UUID `json:"arm_id"`
	Metric string    `json:"metric"`
	Count  int       `json:"count"`
	People int       `json:"people"`
}

type experimentDecidedDetail struct {
	ArmID    uuid.UUID `json:"arm_id"`
	Promoted bool      `json:"promoted"`
	By       string    `json:"by"`
}

type experimentEvaluatedDetail struct {
	Metric     string `json:"metric"`
	WindowDays int    `json:"window_days"`
	Decided    bool   `json:"decided"`
}

func experimentTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.ExperimentCreated) experimentCreatedDetail {
			return experimentCreatedDetail{e.Name, len(e.Arms)}
		}, func(d experimentCreatedDetail) sentence {
			return sentence{english: fmt.Sprintf("An experiment with %d arms was drafted: %s.", d.Arms, d.Name)}
		}),
		tellSentence[events.ExperimentStarted]("The experiment was started."),
		tellSentence[events.ExperimentHeldOut]("An experiment holds the person out: they are not written to, so that it shows what happens without."),
		tellAs(func(e events.ExperimentArmStopped) armStoppedDetail {
			return armStoppedDetail{e.ArmID, e.Metric, e.Count, e.People}
		}, func(d armStoppedDetail) sentence {
			return sentence{english: fmt.Sprintf("An arm of the experiment was stopped by its guard: %s of %d among %d people.", spellOut(d.Metric), d.Count, d.People)}
		}),
		tellAs(func(e events.ExperimentStopped) reasonDetail { return reasonDetail{e.Reason} }, func(d reasonDetail) sentence {
			switch d.Reason {
			case events.ExperimentStoppedGuard:
				return sentence{d.Reason, "The experiment was stopped: its guards left fewer than two arms."}
			case events.ExperimentStoppedCampaign:
				return sentence{d.Reason, "The experiment was stopped, as its campaign has ended."}
			}
			return sentence{english: "The experiment was stopped without a winner."}
		}),
		tellAs(func(e events.ExperimentDecided) experimentDecidedDetail {
			return experimentDecidedDetail{e.ArmID, e.Promoted, e.By}
		}, func(d experimentDecidedDetail) sentence {
			if d.Promoted {
				return sentence{"promoted", "The experiment was decided, and everybody gets the winner from here on."}
			}
			return sentence{english: "The experiment was decided."}
		}),
		tellAs(func(e events.ExperimentEvaluated) experimentEvaluatedDetail {
			return experimentEvaluatedDetail{e.Settings.Metric, e.Settings.WindowDays, e.Verdict.Decided}
		}, func(d experimentEvaluatedDetail) sentence {
			return sentence{english: fmt.Sprintf("The experiment was judged again from history, by %s within %d days.", spellOut(d.Metric), d.WindowDays)}
		}),
	}
}
