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

type webSearchDetail struct {
	Outcome string `json:"outcome"`
	Reason  string `json:"reason,omitzero"`
	Results int    `json:"results,omitzero"`
	Looked  int    `json:"looked,omitzero"`
}

func researchTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.ResearchRequested) researchDetail { return researchDetail{Reason: e.Reason} }, func(d researchDetail) sentence {
			switch d.Reason {
			case events.ResearchEnrolled:
				return sentence{"enrolled", "The company's web site is to be read, as one of its people was enrolled."}
			case events.ResearchFound:
				return sentence{"found", "The company's web site is to be read, as a search has found it."}
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
		tellAs(func(e events.WebSearchRequested) researchDetail { return researchDetail{Reason: e.Reason} }, func(d researchDetail) sentence {
			if d.Reason == events.ResearchNoSite {
				return sentence{"no_site", "The company's web site is to be searched for, as that of the address couldn't be read."}
			}
			return sentence{english: "The company's web site is to be searched for, as none is known."}
		}),
		tellAs(func(e events.WebSearchEnded) webSearchDetail {
			return webSearchDetail{e.Outcome, e.Reason, e.Results, e.Looked}
		}, func(d webSearchDetail) sentence {
			switch d.Outcome {
			case events.WebSearchFound:
				return sentence{"found", "The company's web site was found by search: its first page says that it is theirs."}
			case events.WebSearchSeveral:
				return sentence{"several", "The company's web site wasn't found by search: several sites say that they are of a company of that name."}
			case events.WebSearchNotFound:
				return sentence{"not_found", "The company's web site wasn't found by search: of " + strconv.Itoa(d.Results) + " results none shows itself to be theirs."}
			case events.WebSearchFailed:
				return sentence{"failed", "The company's web site couldn't be searched for."}
			}
			if d.Reason == events.WebSearchNoName {
				return sentence{"no_name", "The company's web site isn't searched for: it isn't known what the company is called."}
			}
			return sentence{english: "The company's web site isn't searched for."}
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
