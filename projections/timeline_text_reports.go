package projections

import (
	"fmt"

	"outrider/events"
)

type reportDetail struct {
	Name string `json:"name"`
}

type reportRunDetail struct {
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
	Asked bool   `json:"asked"`
}

type reportFilesDetail struct {
	Rows  int `json:"rows"`
	Files int `json:"files"`
}

func reportTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.ReportCreated) reportDetail { return reportDetail{e.Name} }, func(d reportDetail) sentence {
			return sentence{english: "A report was saved: " + d.Name + "."}
		}),
		tellAs(func(e events.ReportChanged) reportDetail { return reportDetail{e.Name} }, func(d reportDetail) sentence {
			return sentence{english: "The report was changed: " + d.Name + "."}
		}),
		tellSentence[events.ReportRemoved]("The report was removed, with the files of its runs."),
		tellAs(func(e events.ReportRunRequested) reportRunDetail {
			return reportRunDetail{e.From, e.To, e.DueAt.IsZero()}
		}, func(d reportRunDetail) sentence {
			if d.Asked {
				return sentence{"asked", fmt.Sprintf("Somebody ran the report, for %s to %s.", d.From, d.To)}
			}
			return sentence{english: fmt.Sprintf("The report ran by its schedule, for %s to %s.", d.From, d.To)}
		}),
		tellAs(func(e events.ReportRunCompleted) reportFilesDetail { return reportFilesDetail{e.Rows, len(e.Files)} }, func(d reportFilesDetail) sentence {
			return sentence{english: fmt.Sprintf("The report's files were written: %d, with %d rows.", d.Files, d.Rows)}
		}),
		tellAs(func(e events.ReportRunFailed) reasonDetail { return reasonDetail{e.Reason} }, func(d reasonDetail) sentence {
			return sentence{english: "The report's files were not written: " + d.Reason + "."}
		}),
	}
}
