package projections

import (
	"fmt"

	"outrider/events"
)

type domainCheckedDetail struct {
	Name    string   `json:"name"`
	Outcome string   `json:"outcome"`
	Failed  []string `json:"failed,omitempty"`
}

type domainSigningDetail struct {
	Selector string `json:"selector"`
}

type domainTrackingDetail struct {
	Host string `json:"host"`
}

func senderDomainTexts() []timelineText {
	return []timelineText{
		tellSentence[events.SenderDomainChecksRequested]("A check of what a sender domain publishes was asked for."),
		tellAs(func(e events.SenderDomainChecked) domainCheckedDetail {
			d := domainCheckedDetail{Name: e.Name, Outcome: e.Outcome()}
			for _, c := range e.Checks {
				if c.Outcome == events.CheckFailed {
					d.Failed = append(d.Failed, c.Check)
				}
			}
			return d
		}, func(d domainCheckedDetail) sentence {
			switch d.Outcome {
			case events.CheckPassed:
				return sentence{"passed", fmt.Sprintf("The sender domain %s was checked: it passes.", d.Name)}
			case events.CheckFailed:
				return sentence{"failed", fmt.Sprintf("The sender domain %s was checked: it fails.", d.Name)}
			}
			return sentence{"unknown", fmt.Sprintf("The sender domain %s was checked: nothing is known.", d.Name)}
		}),
		tellAs(func(e events.SenderDomainSigningSet) domainSigningDetail { return domainSigningDetail{e.Selector} }, func(d domainSigningDetail) sentence {
			return sentence{english: fmt.Sprintf("A key to sign messages of a sender domain with was made: %s.", d.Selector)}
		}),
		tellSentence[events.SenderDomainSigningRemoved]("Messages of a sender domain are no longer signed here."),
		tellAs(func(e events.SenderDomainTrackingSet) domainTrackingDetail { return domainTrackingDetail{e.Host} }, func(d domainTrackingDetail) sentence {
			if d.Host == "" {
				return sentence{"ours", "Links in messages of a sender domain lead to this installation's own host."}
			}
			return sentence{"own", fmt.Sprintf("Links in messages of a sender domain are to lead to %s.", d.Host)}
		}),
	}
}
