package projections

import "outrider/events"

type factDetail struct {
	Predicate string `json:"predicate"`
	Method    string `json:"method"`
}

type factStaleDetail struct {
	Reason string `json:"reason"`
}

func factTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.FactFound) factDetail { return factDetail{e.Predicate, e.Method} }, func(d factDetail) sentence {
			switch d.Method {
			case events.FactByPerson:
				return sentence{"person", "A fact was entered."}
			case events.FactByImport, events.FactByProvider:
				return sentence{"data", "A fact was brought by data."}
			case events.FactByModel:
				return sentence{"model", "A fact was found on a page by a language model."}
			}
			return sentence{english: "A fact was found on a page."}
		}),
		tellAs(func(e events.FactStale) factStaleDetail { return factStaleDetail{e.Reason} }, func(d factStaleDetail) sentence {
			switch d.Reason {
			case events.FactWithdrawn:
				return sentence{"withdrawn", "A fact was withdrawn."}
			case events.FactPageGone:
				return sentence{"page_gone", "A fact may not be said any more: its page is gone."}
			}
			return sentence{english: "A fact may not be said any more: its page no longer says it."}
		}),
		tellSentence[events.CompanyRecorded]("A record of the company was made."),
	}
}
