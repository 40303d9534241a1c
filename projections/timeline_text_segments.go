package projections

import "outrider/events"

func segmentTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.SegmentSaved) snippetDetail { return snippetDetail{e.Name, e.Version} }, func(d snippetDetail) sentence {
			if d.Version > 1 {
				return sentence{"changed", "The segment was changed: " + d.Name + "."}
			}
			return sentence{english: "A segment was saved: " + d.Name + "."}
		}),
		tellSentence[events.SegmentRemoved]("The segment was removed."),
	}
}
