package api

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/app/claims"
	"outrider/internal/app/facts"
	"outrider/internal/app/sealedtext"
	"outrider/internal/evidence"
	"outrider/internal/pii"
	"outrider/internal/profile"
	"outrider/projections"
)

// readEvidence reads what is said of a message's newest draft, and of which report; nil where its drafts aren't held against facts.
func (h *factHandlers) readEvidence(c *call, message uuid.UUID) (row *projections.MessageEvidence, report facts.Report, err error) {
	err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetMessageEvidence(c.ctx, tx, c.who.Org, message)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, report, nil
	}
	if err != nil || row.Report == nil {
		return row, report, err
	}
	if err := json.Unmarshal([]byte(*row.Report), &report); err != nil {
		return row, report, fmt.Errorf("read evidence: %w", err)
	}
	return row, report, nil
}

func (h *factHandlers) showEvidence(c *call, message uuid.UUID) error {
	row, report, err := h.readEvidence(c, message)
	if err != nil {
		return err
	}
	if row == nil {
		return notFoundProblem()
	}
	out := gen.Evidence{MessageID: row.MessageID, Draft: row.Number, Gate: row.Gate, Sentences: row.Sentences, Unsupported: row.Unsupported, Model: row.Model, PromptHash: row.PromptHash,
		InputTokens: row.InputTokens, OutputTokens: row.OutputTokens, CostMicros: row.CostMicros, Reason: valueOrZero(row.Reason), OverruledAt: valueOrZero(row.OverruledAt),
		OverruledBy: row.OverruledBy, RecordedAt: row.RecordedAt, Subject: verdictOf(report.Subject), Verdicts: []gen.SentenceVerdict{}}
	out.Lapsed = row.Lapsed
	out.MayBeApproved = (row.Unsupported == 0 || row.OverruledAt != nil) && row.Lapsed == ""
	for _, v := range report.Verdicts {
		out.Verdicts = append(out.Verdicts, verdictOf(v))
	}
	for _, v := range report.Dropped {
		out.Dropped = append(out.Dropped, verdictOf(v))
	}
	for _, v := range report.Replaced {
		out.Replaced = append(out.Replaced, verdictOf(v))
	}
	if err := h.nameClaims(c, out.Verdicts); err != nil {
		return err
	}
	return c.answerJSON(200, out)
}

// nameClaims says of the sentences about ourselves which claim carries them.
func (h *factHandlers) nameClaims(c *call, verdicts []gen.SentenceVerdict) error {
	var ids []uuid.UUID
	for _, v := range verdicts {
		if id, err := uuid.Parse(v.Fact); err == nil {
			ids = append(ids, id)
		}
	}
	return h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		said, err := projections.ClaimsSaid(c.ctx, tx, c.who.Org, ids)
		for i, v := range verdicts {
			if id, bad := uuid.Parse(v.Fact); bad == nil && said[id] != nil {
				verdicts[i].Fact, verdicts[i].ClaimID, verdicts[i].ClaimVersion = "", said[id].ClaimID, said[id].Version
			}
		}
		return err
	})
}

func verdictOf(v evidence.Verdict) gen.SentenceVerdict {
	out := gen.SentenceVerdict{Text: v.Text, Supported: v.Passed, Fact: v.Fact, Reasons: []gen.VerdictReason{}, Words: []gen.VerdictWord{}}
	for _, r := range v.Reasons {
		out.Reasons = append(out.Reasons, gen.VerdictReason{Code: r.Code, Word: r.Word})
	}
	for _, x := range v.Words {
		out.Words = append(out.Words, gen.VerdictWord{Text: x.Text, From: x.From})
	}
	return out
}

// editJudged makes the command of an edit: what this message says is held against facts where a model has written it once.
func (h *factHandlers) editJudged(c *call, cmd commands.EditDraft, lead uuid.UUID, subject, text string, key pii.Key) (commands.Command, error) {
	row, report, err := h.readEvidence(c, cmd.MessageID)
	if err != nil || row == nil {
		return cmd, err
	}
	person, err := h.readLead(c, lead)
	if err != nil {
		return nil, err
	}
	policy := evidence.Policy{Approved: report.Approved, Links: report.Links}
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		company, err := projections.CompanyOf(c.ctx, tx, person)
		if err != nil {
			return err
		}
		if policy.Facts, err = facts.Known(c.ctx, tx, person, company, h.now()); err != nil {
			return err
		}
		ours, err := claims.Known(c.ctx, tx, c.who.Org, row.CampaignID, h.now())
		policy.Facts = append(policy.Facts, ours...)
		return err
	}); err != nil {
		return nil, err
	}
	out := commands.EditDraftWithEvidence{MessageID: cmd.MessageID, Subject: cmd.Subject, Body: cmd.Body, IfDraft: cmd.IfDraft}
	out.Evidence, err = facts.Judge(subject, text, policy).Evidence(key)
	return out, err
}

func (h *factHandlers) overrule(c *call, message uuid.UUID, body gen.EvidenceOverrule) error {
	reason := profile.CleanText(body.Reason)
	if reason == "" {
		return invalidField("reason", "is blank")
	}
	row, _, err := h.readEvidence(c, message)
	if err != nil {
		return err
	}
	if row == nil {
		return notFoundProblem()
	}
	keys, err := h.vault.Existing(c.ctx, c.who.Org, []uuid.UUID{row.LeadID})
	if err != nil {
		return err
	}
	key, ok := keys[row.LeadID]
	if !ok {
		return newProblem(commands.CodeNotFound, "the person that it goes to was erased")
	}
	cmd := commands.OverruleEvidence{MessageID: message, Draft: body.Draft}
	if cmd.Reason, err = sealedtext.Seal(key, projections.ReasonField, reason); err != nil {
		return err
	}
	a, err := h.submitOwn(c, cmd)
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "evidence", a, func() error { return h.showEvidence(c, message) })
}
