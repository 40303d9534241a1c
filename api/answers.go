package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/app/answers"
	"outrider/internal/app/claims"
	"outrider/internal/app/facts"
	"outrider/internal/evidence"
	"outrider/projections"
)

// showAnswer shows what a program would answer in a thread, judged by what may be said now: a sentence that doesn't hold any more is left out.
func (h *factHandlers) showAnswer(c *call, thread uuid.UUID) error {
	var row *projections.Answer
	var person *projections.Lead
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if row, err = projections.LastAnswer(c.ctx, tx, c.who.Org, thread); err != nil {
			return err
		}
		person, err = projections.GetLead(c.ctx, tx, c.who.Org, row.LeadID)
		return err
	}); errors.Is(err, pgx.ErrNoRows) {
		return notFoundProblem()
	} else if err != nil {
		return err
	}
	if row.Report == nil { // the person was erased
		return notFoundProblem()
	}
	var report answers.Report
	if err := json.Unmarshal([]byte(*row.Report), &report); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	var known []evidence.Fact
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		company, err := projections.CompanyOf(c.ctx, tx, person)
		if err != nil {
			return err
		}
		if known, err = facts.Known(c.ctx, tx, person, company, h.now()); err != nil {
			return err
		}
		ours, err := claims.Known(c.ctx, tx, c.who.Org, row.CampaignID, h.now())
		known = append(known, ours...)
		return err
	}); err != nil {
		return err
	}
	report = report.Again(known)
	out := gen.AnswerDraft{ItemID: row.MailID, Meaning: gen.ReplyMeaning(row.Meaning), Writer: row.Writer, Text: report.Text(), Sentences: []gen.SentenceVerdict{}, Model: row.Model, CostMicros: row.CostMicros,
		ReplyID: valueOrZero(row.ResponseID), DraftedAt: row.DraftedAt}
	for _, v := range report.Verdicts() {
		if !v.Passed {
			out.LeftOut++
		}
		out.Sentences = append(out.Sentences, verdictOf(v))
	}
	if err := h.nameClaims(c, out.Sentences); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *factHandlers) showAutomation(c *call) error {
	var row *projections.AnswerAutomation
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetAnswerAutomation(c.ctx, tx, c.who.Org)
		return err
	}); err != nil {
		return err
	}
	meanings, err := row.Read()
	if err != nil {
		return err
	}
	out := gen.AnswerAutomation{Meanings: []gen.ReplyMeaning{}, SetBy: row.SetBy, SetAt: row.SetAt, MaxAThread: commands.MaxAutomaticAnswers}
	for _, m := range meanings {
		out.Meanings = append(out.Meanings, gen.ReplyMeaning(m))
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *factHandlers) setAutomation(c *call, body gen.AnswerAutomationSet) error {
	var cmd commands.SetAnswerAutomation
	for _, m := range body.Meanings {
		cmd.Meanings = append(cmd.Meanings, string(m))
	}
	a, err := h.submitOwn(c, cmd)
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "answers", a, func() error { return h.showAutomation(c) })
}
