package facts

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"outrider/events"
	"outrider/internal/app/sealedtext"
	"outrider/internal/evidence"
	"outrider/internal/pii"
	"outrider/projections"
)

// Report is the sealed value of an evidence.recorded: what was judged, and by which texts and links that may be said as they are.
type Report struct {
	Subject  evidence.Verdict   `json:"subject"`
	Verdicts []evidence.Verdict `json:"verdicts"`
	Approved []string           `json:"approved"`
	Links    []string           `json:"links"`
	Answer   string             `json:"answer,omitzero"` // of the model, as it came

	Dropped  []evidence.Verdict `json:"dropped,omitempty"`  // what the model wrote and nothing carries, and was left out
	Replaced []evidence.Verdict `json:"replaced,omitempty"` // likewise, where the fact that it cites stands instead, in its own words
}

var linkOf = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:!?)]`)

// LinksIn returns the links of texts that may be said as they are.
func LinksIn(texts ...string) (out []string) {
	for _, t := range texts {
		out = append(out, linkOf.FindAllString(t, -1)...)
	}
	return out
}

// Judge holds a text that cites nothing against facts, as a person writes it. The subject may say nothing more than the text.
func Judge(subject, body string, p evidence.Policy) Report {
	r := Report{Verdicts: evidence.CheckText(body, p), Approved: p.Approved, Links: p.Links}
	p.Search = true
	r.Subject = evidence.Check(evidence.Sentence{Text: strings.TrimPrefix(subject, "Re: ")}, p)
	return r
}

// Evidence returns a report as the log keeps it, sealed under the lead's key.
func (r Report) Evidence(key pii.Key) (e events.Evidence, err error) {
	all := append([]evidence.Verdict{r.Subject}, r.Verdicts...)
	e = events.Evidence{Gate: evidence.Version, Sentences: len(all), FactIDs: IDs(all)}
	for _, v := range all {
		if !v.Passed {
			e.Unsupported++
		}
	}
	plain, err := json.Marshal(r)
	if err != nil {
		return e, fmt.Errorf("encode evidence: %w", err)
	}
	e.Report, err = sealedtext.Seal(key, projections.DraftEvidenceField, string(plain))
	return e, err
}
