package api

import (
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/sealedtext"
	"outrider/internal/mail/compose"
	"outrider/internal/profile"
	"outrider/projections"
)

// mostReasoned bounds how many drafts one reason is kept with: it is sealed under the key of each lead.
const mostReasoned = 100

// rejectMessages keeps the reason under the keys of the leads: it is about them.
func rejectMessages(s *Server, c *call, body gen.MessageRejection) error {
	cmd := commands.RejectDrafts{Then: events.RejectedStop, Drafts: make([]commands.RejectedDraft, len(body.MessageIds))}
	if body.Then != "" {
		cmd.Then = string(body.Then)
	}
	for i, id := range body.MessageIds {
		cmd.Drafts[i].MessageID = id
	}
	if reason := profile.CleanText(body.Reason); reason != "" {
		if len(body.MessageIds) > mostReasoned {
			return invalidField("message_ids", "must be at most 100 where a reason is given")
		}
		if err := noteReason(s, c, cmd.Drafts, reason); err != nil {
			return err
		}
	}
	return s.submitSilently(c, cmd)
}

// noteReason seals a reason for each draft. One whose lead is unknown or erased gets none.
func noteReason(s *Server, c *call, drafts []commands.RejectedDraft, reason string) error {
	var leads map[uuid.UUID]uuid.UUID
	ids := make([]uuid.UUID, len(drafts))
	for i, d := range drafts {
		ids[i] = d.MessageID
	}
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		leads, err = projections.LeadsOfMessages(c.ctx, tx, c.who.Org, ids)
		return err
	}); err != nil {
		return err
	}
	keys, err := s.vault.Existing(c.ctx, c.who.Org, slices.Collect(maps.Values(leads)))
	if err != nil {
		return err
	}
	for i, d := range drafts {
		if key, ok := keys[leads[d.MessageID]]; ok {
			if drafts[i].Note, err = sealedtext.Seal(key, projections.NoteField, reason); err != nil {
				return err
			}
		}
	}
	return nil
}

// editDraft replaces the text of a message by what a person wrote.
func editDraft(s *Server, c *call, id uuid.UUID, body gen.DraftEdit) error {
	subject, text := profile.CleanLine(body.Subject), profile.CleanText(body.Body)
	switch {
	case compose.IsBlank(subject):
		return invalidField("subject", "is blank")
	case compose.IsBlank(text):
		return invalidField("body", "is blank")
	}
	var row *projections.Message
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetMessage(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return err
	}
	keys, err := s.vault.Existing(c.ctx, c.who.Org, []uuid.UUID{row.LeadID})
	if err != nil {
		return err
	}
	key, ok := keys[row.LeadID]
	if !ok {
		return newProblem(commands.CodeNotFound, "the person that it goes to was erased")
	}
	cmd := commands.EditDraft{MessageID: id, IfDraft: body.Draft}
	if cmd.Subject, err = sealedtext.Seal(key, sealedtext.SubjectField, subject); err != nil {
		return err
	}
	if cmd.Body, err = sealedtext.Seal(key, sealedtext.BodyField, text); err != nil {
		return err
	}
	judged, err := factHandlersOf(s).editJudged(c, cmd, row.LeadID, subject, text, key)
	if err != nil {
		return err
	}
	a, err := s.submitOwn(c, judged)
	if err != nil {
		return err
	}
	return s.showAfterChange(c, "messages", a, func() error { return s.showMessage(c, id) })
}
