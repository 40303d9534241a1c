package projections

import "outrider/events"

type snippetDetail struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
}

func snippetTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.SnippetSaved) snippetDetail { return snippetDetail{e.Name, e.Version} }, func(d snippetDetail) sentence {
			if d.Version > 1 {
				return sentence{"changed", "The snippet was changed: " + d.Name + "."}
			}
			return sentence{english: "A snippet was saved: " + d.Name + "."}
		}),
		tellSentence[events.SnippetRemoved]("The snippet was removed."),
	}
}
