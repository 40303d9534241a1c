package projections

import (
	"strconv"

	"outrider/events"
)

type researchDetail struct {
	Reason string `json:"reason,omitzero"`
	Pages  int    `json:"pages,omitzero"`
	Facts  int    `json:"facts,omitzero"`
}

func researchTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.ResearchRequested) researchDetail { return researchDetail{Reason: e.Reason} }, func(d researchDetail) sentence {
			switch d.Reason {
			case events.ResearchEnrolled:
				return sentence{"enrolled", "The company's web site is to be read, as one of its people was enrolled."}
			case events.ResearchExpired:
				return sentence{"expired", "The company's web site is to be read again, as what was found is too old."}
			}
			return sentence{english: "Somebody has asked for the company's web site to be read."}
		}),
		tellAs(func(e events.ResearchCompleted) researchDetail { return researchDetail{Pages: e.Read, Facts: e.Facts} }, func(d researchDetail) sentence {
			return sentence{english: "The company's web site was read: pages " + strconv.Itoa(d.Pages) + ", facts " + strconv.Itoa(d.Facts) + "."}
		}),
		tellAs(func(e events.ResearchFailed) researchDetail { return researchDetail{Reason: e.Reason} }, func(d researchDetail) sentence {
			switch d.Reason {
			case events.ResearchForbidden:
				return sentence{"robots", "The company's web site wasn't read: its robots.txt doesn't want that."}
			case events.ResearchPrivate:
				return sentence{"private", "The company's web site wasn't read: its name leads to an address that isn't public."}
			case events.ResearchElsewhere:
				return sentence{"elsewhere", "The company's web site wasn't read: it leads to another site."}
			}
			return sentence{english: "The company's web site couldn't be read."}
		}),
		tellAs(func(e events.ResearchSkipped) researchDetail { return researchDetail{Reason: e.Reason} }, func(d researchDetail) sentence {
			switch d.Reason {
			case events.ResearchOverBudget:
				return sentence{"budget", "The company's web site isn't read: the day's pages are used up."}
			case events.ResearchRefusedHost:
				return sentence{"refused_host", "The company's web site isn't read: pages of that network never are."}
			}
			return sentence{english: "The company's web site isn't read."}
		}),
		tellSentence[events.ResearchSettingsSet]("How web sites of companies are read was set."),
		tellAs(func(e events.CampaignResearchSet) events.CampaignResearch { return e.CampaignResearch }, func(d events.CampaignResearch) sentence {
			if d.On {
				return sentence{"on", "Web sites of the campaign's companies are read."}
			}
			return sentence{english: "Web sites of the campaign's companies aren't read."}
		}),
	}
}
