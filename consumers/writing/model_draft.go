package writing

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/facts"
	"outrider/internal/app/models"
	"outrider/internal/es"
	"outrider/internal/evidence"
	"outrider/internal/llm"
)

// seedOf returns the chance of a message: the same each time.
func seedOf(message uuid.UUID) int {
	return int(message[12])<<16 | int(message[13])<<8 | int(message[14])
}

// writeWithModel lets the model write, and holds each sentence against the fact that it cites. rendered is the template filled in: what may be said as it is, and what stands in
// when there is no answer, which is recorded with its reason. The report is nil then.
func (w *Drafter) writeWithModel(ctx context.Context, e *es.Event, message uuid.UUID, b Brief, r llm.Request, rendered llm.Draft) (llm.Draft, *facts.Report, error) {
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
	draft, err := w.askModel(ctx, e, message, b, r)
	var failed *llm.Error
	if errors.As(err, &failed) && failed.Reason == llm.Invalid {
		if smaller, less := lessOf(r); less {
			spent := failed.CostMicroUSD
			if err := w.fellBack(ctx, e, message, b, events.AIFallbackSmaller, failed); err != nil {
				return draft, nil, err
			}
			failed = nil
			if draft, err = w.askModel(ctx, e, message, b, smaller); err == nil {
				draft.CostMicroUSD += spent
			} else if errors.As(err, &failed) {
				failed.CostMicroUSD += spent
			}
		}
	}
	if failed != nil {
		if failed.Reason == llm.Off { // nobody expects one
			return rendered, nil, nil
		}
		if err := w.fellBack(ctx, e, message, b, events.AIFallbackTemplate, failed); err != nil {
			return draft, nil, err
		}
		rendered.CostMicroUSD, rendered.FallbackReason = failed.CostMicroUSD, failed.Error()
		return rendered, nil, nil
	}
	if err != nil {
		return draft, nil, err
	}
	policy := evidence.Policy{Approved: approved, Links: facts.LinksIn(approved...), Facts: b.Facts}
	report := judge(&draft, ids, policy, rendered.Subject)
	if (b.Refused == events.RefusedDropped || b.Refused == events.RefusedReplaced) && !evidence.Passed(report.Verdicts) && !mend(&draft, &report, ids, policy, b.Refused == events.RefusedReplaced) {
		little := &llm.Error{Reason: llm.Invalid, CostMicroUSD: draft.CostMicroUSD, Err: errTooLittle}
		if err := w.fellBack(ctx, e, message, b, events.AIFallbackTemplate, little); err != nil {
			return draft, nil, err
		}
		rendered.CostMicroUSD, rendered.FallbackReason = little.CostMicroUSD, little.Error()
		return rendered, nil, nil
	}
	return draft, &report, nil
}

// lessOf is a request that a small model may manage: without what was sent before, and with few facts; and whether that is less.
func lessOf(r llm.Request) (llm.Request, bool) {
	const fewFacts = 3
	less := len(r.Previous) > 0 || len(r.Facts) > fewFacts
	r.Previous, r.Facts = nil, r.Facts[:min(len(r.Facts), fewFacts)]
	return r, less
}

// askModel asks for a message. The same again, for the same event, is read from the ledger.
func (w *Drafter) askModel(ctx context.Context, e *es.Event, message uuid.UUID, b Brief, r llm.Request) (llm.Draft, error) {
	prompt, err := llm.PromptFor(r)
	if err != nil {
		return llm.Draft{}, err
	}
	a, err := w.Model.Complete(ctx, e.Org, events.AITaskWrite, models.Request{ID: models.RequestID(e.ID, events.AITaskWrite, prompt), CampaignID: b.CampaignID, LeadID: b.LeadID, MessageID: message,
		Prompt: prompt, Cause: models.CausedBy(e, "write")})
	if errors.Is(err, models.ErrGone) {
		return llm.Draft{}, reaction.ErrGone
	}
	if err != nil {
		return llm.Draft{}, err
	}
	return llm.DraftOf(a.Completion, r)
}

// fellBack records what takes the place of a model's answer.
func (w *Drafter) fellBack(ctx context.Context, e *es.Event, message uuid.UUID, b Brief, to string, why *llm.Error) error {
	c := commands.RecordAIFallback{AICallRef: events.AICallRef{CampaignID: b.CampaignID, LeadID: b.LeadID, MessageID: message}, Task: events.AITaskWrite, To: to,
		Reason: string(why.Reason), Detail: commands.Clip(models.Redact(why.Err.Error(), nil), 500)}
	_, err := reaction.Submit(ctx, w.Commands, reaction.CausedBy(e, "write"), es.DeriveID(e.ID, "react", "write", "fallback", strconv.Itoa(b.LeadVersion), to), w.Now(), c)
	return err
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
