package writing

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"outrider/internal/app/facts"
	"outrider/internal/evidence"
	"outrider/internal/llm"
)

// seedOf returns the chance of a message: the same each time.
func seedOf(message uuid.UUID) int {
	return int(message[12])<<16 | int(message[13])<<8 | int(message[14])
}

// writeWithModel lets the model write, and holds each sentence against the fact that it cites. rendered is the template filled in: what may be said as it is, and what stands in
// when there is no answer. The report is nil then.
func (w *Drafter) writeWithModel(ctx context.Context, b Brief, r llm.Request, rendered llm.Draft) (llm.Draft, *facts.Report, error) {
	ids := map[string]string{} // of facts, by what the model calls them
	for _, f := range b.Facts {
		if !f.Stale {
			name := "f" + strconv.Itoa(len(ids)+1)
			if f.About == evidence.AboutUs {
				name = "claim" + strconv.Itoa(len(ids)+1)
			}
			ids[name] = f.ID
			r.Facts = append(r.Facts, llm.Fact{ID: name, Text: evidence.Address(f)})
		}
	}
	approved := []string{rendered.Body, rendered.Subject}
	for _, text := range approved {
		r.Approved = append(r.Approved, evidence.Split(text)...)
	}
	draft, err := w.Model.Write(ctx, r)
	if err != nil {
		if ctx.Err() != nil {
			return draft, nil, err
		}
		var failed *llm.Error
		if errors.As(err, &failed) {
			rendered.CostMicroUSD += failed.CostMicroUSD
		}
		rendered.FallbackReason = err.Error()
		return rendered, nil, nil
	}
	report := judge(&draft, ids, evidence.Policy{Approved: approved, Links: facts.LinksIn(approved...), Facts: b.Facts}, rendered.Subject)
	return draft, &report, nil
}

// judge holds a draft against facts. A subject that says what it may not is replaced by the template's.
func judge(draft *llm.Draft, ids map[string]string, p evidence.Policy, subject string) facts.Report {
	report := facts.Report{Approved: p.Approved, Links: p.Links, Answer: draft.Answer}
	search := p
	search.Search = true
	if report.Subject = evidence.Check(evidence.Sentence{Text: draft.Subject}, search); !report.Subject.Passed {
		draft.Subject = subject
		report.Subject = evidence.Check(evidence.Sentence{Text: subject}, search)
	}
	for _, paragraph := range draft.Paragraphs {
		for _, s := range paragraph {
			cites := make([]string, len(s.Cites))
			for i, c := range s.Cites {
				cites[i] = ids[c]
			}
			text := strings.Join(strings.Fields(s.Text), " ")
			report.Verdicts = append(report.Verdicts, evidence.Check(evidence.Sentence{Text: text, Cites: cites, Kind: s.Kind}, p))
		}
	}
	return report
}
