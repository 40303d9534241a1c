package api

import (
	"strings"

	"outrider/events"
	"outrider/internal/template"
)

// analyzeTemplates says of each variant's texts what a launch wants to know. They are parsed when they are written, and never
// by who decides.
func analyzeTemplates(steps []events.Step) (out []events.TemplateAnalysis) {
	for i, s := range steps {
		for _, v := range s.Variants {
			a := template.Analyze(subjectOf(steps, i, v), v.Body)
			t := events.TemplateAnalysis{StepID: s.StepID, VariantID: v.VariantID, UnsubscribeLink: a.UnsubscribeLink, Problem: a.Problem}
			for _, x := range a.Variables {
				t.Variables = append(t.Variables, events.TemplateVariable(x))
			}
			out = append(out, t)
		}
	}
	return out
}

// subjectOf returns the subject of a step's variant. A follow-up without one answers in the thread of the first message.
func subjectOf(steps []events.Step, step int, v events.Variant) string {
	if step > 0 && strings.TrimSpace(v.Subject) == "" && len(steps[0].Variants) > 0 {
		return "Re: " + steps[0].Variants[0].Subject
	}
	return v.Subject
}
