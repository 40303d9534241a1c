package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/internal/app/outgoing"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/internal/linktoken"
	"outrider/internal/mail/compose"
	"outrider/internal/template"
	"outrider/projections"
)

// previewCampaign writes a message as the writer of templates would, and composes it as the sender would.
func (s *Server) previewCampaign(c *call, id uuid.UUID, body gen.PreviewCreate) error {
	if body.LeadID != uuid.Nil && !c.who.Has(identity.LeadsRead) { // it shows what is known of a person
		return forbiddenProblem("scope "+string(identity.LeadsRead)+" to fill in what is a lead's", identity.LeadsRead)
	}
	campaign, err := s.loadCampaign(c, id)
	if err != nil {
		return err
	}
	asked, err := askedOf(c, campaign, body)
	if err != nil {
		return err
	}
	in, err := s.readAsked(c, campaign, asked)
	if err != nil {
		return err
	}
	links := linktoken.Links{Signer: s.cfg.Signer, Base: s.cfg.BaseURL}
	sample, err := in.Write(c.ctx, links)
	if err != nil {
		return textProblem(err)
	}
	first, err := previewsFirst(campaign, body)
	if err != nil {
		return err
	}
	out := gen.Preview{Unknown: nonNil(sample.Unknown), Missing: nonNil(sample.Missing), Subject: sample.Subject, Body: sample.Body, Warnings: warningsOfText(asked.Subject, asked.Body, first)}
	raw, err := outgoing.Compose(outgoing.LinksOf(links, sample.From, &sample.Message), sample.Token, sample.From, sample.Message, s.now())
	if errors.Is(err, compose.ErrInvalid) { // a campaign's message would be held
		return c.answerJSON(http.StatusOK, out)
	}
	if err != nil {
		return err
	}
	if out.AsSent, err = asSent(raw); err != nil {
		return err
	}
	out.Text = out.AsSent.Text
	return c.answerJSON(http.StatusOK, out)
}

// askedOf returns what a preview asks for. Its links are those of no message, so that following them changes and counts nothing.
func askedOf(c *call, campaign *projections.Campaign, body gen.PreviewCreate) (a outgoing.Asked, err error) {
	a = outgoing.Asked{Lead: body.LeadID, FollowUp: body.FollowUp, ID: es.DeriveID(campaign.CampaignID, "preview", body.LeadID.String())}
	var follows bool
	if a.Subject, a.Body, follows, err = textToPreview(c, campaign, body); err != nil {
		return a, err
	}
	a.FollowUp = a.FollowUp || follows
	a.Mailbox, err = previewSender(campaign, body.MailboxID)
	return a, err
}

// readAsked reads what a text is written with.
func (s *Server) readAsked(c *call, campaign *projections.Campaign, a outgoing.Asked) (in outgoing.Ingredients, err error) {
	err = s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		in, err = outgoing.Read(c.ctx, tx, campaign, a)
		return err
	})
	if err != nil {
		return in, textProblem(err)
	}
	if in.Variables() > template.MaxVariables {
		return in, invalidProblem(gen.FieldError{Field: "body", Reason: template.TooManyVariables})
	}
	return in, nil
}

// textProblem says what is wrong with a text.
func textProblem(err error) error {
	wrong := (*template.FieldError)(nil)
	switch {
	case errors.As(err, &wrong):
		return invalidProblem(gen.FieldError{Field: wrong.Field, Reason: wrong.Reason()})
	case errors.Is(err, template.ErrTooLong):
		return invalidProblem(gen.FieldError{Field: "body", Reason: "is too long once it is filled in"})
	case errors.Is(err, outgoing.ErrFill):
		return invalidProblem(gen.FieldError{Field: "body", Reason: "can't be filled in: " + template.Clip(strings.TrimPrefix(err.Error(), outgoing.ErrFill.Error()+": "), template.MaxProblem)})
	}
	return err
}

// asSent shows the bytes of a message.
func asSent(raw []byte) (gen.MessageAsSent, error) {
	p, err := outgoing.PartsOf(raw)
	out := gen.MessageAsSent{From: p.From, To: p.To, Subject: p.Subject, Text: p.Text, HTML: p.HTML, Size: len(raw), Source: string(raw), Headers: []gen.MessageHeader{}}
	for _, h := range p.Headers {
		out.Headers = append(out.Headers, gen.MessageHeader{Name: h.Name, Value: h.Value})
	}
	return out, err
}

// textToPreview returns the request's own text, or that of a step's variant, and whether that step follows another.
func textToPreview(c *call, campaign *projections.Campaign, body gen.PreviewCreate) (subject, text string, follows bool, err error) {
	object, _ := c.json.(map[string]any)
	_, hasSubject := object["subject"]
	_, hasBody := object["body"]
	switch {
	case hasSubject != hasBody:
		return "", "", false, invalidProblem(gen.FieldError{Field: "body", Reason: "subject and body come together"})
	case hasSubject && (body.StepID != uuid.Nil || body.VariantID != uuid.Nil):
		return "", "", false, invalidProblem(gen.FieldError{Field: "step_id", Reason: "either a step or a text of yours"})
	case hasSubject:
		return body.Subject, body.Body, false, nil
	}
	steps, err := stepsIn(campaign)
	if err != nil {
		return "", "", false, err
	}
	for i, step := range steps {
		if body.StepID != uuid.Nil && step.StepID != body.StepID {
			continue
		}
		for _, v := range step.Variants {
			if body.VariantID == uuid.Nil || v.VariantID == body.VariantID {
				return subjectOf(steps, i, v), v.Body, i > 0, nil
			}
		}
		if body.StepID != uuid.Nil || body.VariantID == uuid.Nil {
			break
		}
	}
	switch {
	case body.VariantID != uuid.Nil:
		return "", "", false, invalidProblem(gen.FieldError{Field: "variant_id", Reason: "is not a variant there"})
	case body.StepID != uuid.Nil:
		return "", "", false, invalidProblem(gen.FieldError{Field: "step_id", Reason: "is not a step of this campaign"})
	}
	return "", "", false, invalidProblem(gen.FieldError{Field: "step_id", Reason: "the campaign has no step yet; send subject and body"})
}
