package api

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/events"
	"outrider/internal/mail/compose"
	"outrider/internal/template"
	"outrider/projections"
)

// warningsOf says what in a sequence's texts is probably not meant as it stands there. It keeps nobody from launching.
func warningsOf(steps []events.Step) (out []gen.TextWarning) {
	for i, s := range steps {
		for _, v := range s.Variants {
			for _, w := range warningsOfText(v.Subject, v.Body, i == 0) {
				w.StepID, w.VariantID = s.StepID, v.VariantID
				out = append(out, w)
			}
		}
	}
	return out
}

// previewsFirst reports whether the text that is asked for is that of a sequence's first message.
func previewsFirst(campaign *projections.Campaign, body gen.PreviewCreate) (bool, error) {
	steps, err := stepsIn(campaign)
	if err != nil || len(steps) == 0 || body.Subject != "" {
		return false, err
	}
	ofFirst := slices.ContainsFunc(steps[0].Variants, func(v events.Variant) bool { return body.VariantID == uuid.Nil || v.VariantID == body.VariantID })
	return ofFirst && (body.StepID == uuid.Nil || body.StepID == steps[0].StepID), nil
}

// warningsOfText is of one message; first says that nothing was sent before it.
func warningsOfText(subject, body string, first bool) (out []gen.TextWarning) {
	if first && compose.WithoutReply(subject) != strings.TrimSpace(subject) {
		out = append(out, gen.TextWarning{Field: gen.TextWarningFieldSubject, Code: gen.TextWarningCodeReplyToNothing, Text: subject})
	}
	for _, f := range template.FindForeign(subject) {
		out = append(out, gen.TextWarning{Field: gen.TextWarningFieldSubject, Code: gen.TextWarningCodeForeignPlaceholder, Text: f.Text, Suggestion: f.Ours})
	}
	for _, f := range template.FindForeign(body) {
		out = append(out, gen.TextWarning{Field: gen.TextWarningFieldBody, Code: gen.TextWarningCodeForeignPlaceholder, Text: f.Text, Suggestion: f.Ours})
	}
	for field, text := range map[gen.TextWarningField]string{gen.TextWarningFieldSubject: subject, gen.TextWarningFieldBody: body} {
		for _, a := range template.Advise(text, field == gen.TextWarningFieldSubject) {
			out = append(out, gen.TextWarning{Field: field, Code: gen.TextWarningCode(a.Code), Text: a.Text})
		}
	}
	slices.SortStableFunc(out, func(a, b gen.TextWarning) int { return strings.Compare(string(b.Field), string(a.Field)) })
	return out
}
