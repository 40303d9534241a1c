package api

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/internal/app/leads"
	"outrider/internal/identity"
	"outrider/internal/llm"
	"outrider/internal/profile"
	"outrider/internal/template"
	"outrider/projections"
)

// previewCampaign writes a message as the writer of templates would.
func (s *Server) previewCampaign(c *call, id uuid.UUID, body gen.PreviewCreate) error {
	if body.LeadID != uuid.Nil && !c.who.Has(identity.LeadsRead) { // it shows what is known of a person
		return forbiddenProblem("scope "+string(identity.LeadsRead)+" to fill in what is a lead's", identity.LeadsRead)
	}
	campaign, err := s.loadCampaign(c, id)
	if err != nil {
		return err
	}
	subject, text, err := textToPreview(c, campaign, body)
	if err != nil {
		return err
	}
	written := [2]string{subject, text}
	seed := template.SeedOf(campaign.CampaignID, body.LeadID) // of an example person: nobody's
	subject, text = template.Spin(subject, seed), template.Spin(text, seed)
	var message template.MessageTemplates
	if err = template.CheckAlternatives(written[0], written[1]); err == nil {
		message, err = template.ParseMessage(subject, text)
	}
	if wrong := (*template.FieldError)(nil); errors.As(err, &wrong) {
		return invalidProblem(gen.FieldError{Field: wrong.Field, Reason: wrong.Reason()})
	}
	if err != nil {
		return err
	}
	if len(message.Variables()) > template.MaxVariables {
		return invalidProblem(gen.FieldError{Field: "body", Reason: template.TooManyVariables})
	}
	sender, err := previewSender(campaign, body.MailboxID)
	if err != nil {
		return err
	}
	values, unknown, box, err := s.previewValues(c, campaign, body.LeadID, sender, message.Variables())
	if err != nil {
		return err
	}
	out := gen.Preview{Unknown: nonNil(unknown), Missing: nonNil(message.FillMissing(values))}
	first, err := previewsFirst(campaign, body)
	if err != nil {
		return err
	}
	draft, err := llm.Templates{}.Write(c.ctx, llm.Request{Subject: subject, Body: text, Variables: values})
	if errors.Is(err, template.ErrTooLong) {
		return invalidProblem(gen.FieldError{Field: "body", Reason: "is too long once it is filled in"})
	}
	if err != nil {
		return invalidProblem(gen.FieldError{Field: "body", Reason: "can't be filled in: " + template.Clip(err.Error(), template.MaxProblem)})
	}
	if out.Text, err = previewText(campaign, box, values, profile.CleanText(draft.Body)); err != nil {
		return err
	}
	out.Subject, out.Body, out.Warnings = profile.CleanLine(draft.Subject), profile.CleanText(draft.Body), warningsOfText(written[0], written[1], first)
	return c.answerJSON(200, out)
}

// textToPreview returns the request's own text, or that of a step's variant.
func textToPreview(c *call, campaign *projections.Campaign, body gen.PreviewCreate) (subject, text string, err error) {
	object, _ := c.json.(map[string]any)
	_, hasSubject := object["subject"]
	_, hasBody := object["body"]
	switch {
	case hasSubject != hasBody:
		return "", "", invalidProblem(gen.FieldError{Field: "body", Reason: "subject and body come together"})
	case hasSubject && (body.StepID != uuid.Nil || body.VariantID != uuid.Nil):
		return "", "", invalidProblem(gen.FieldError{Field: "step_id", Reason: "either a step or a text of yours"})
	case hasSubject:
		return body.Subject, body.Body, nil
	}
	steps, err := stepsIn(campaign)
	if err != nil {
		return "", "", err
	}
	for i, step := range steps {
		if body.StepID != uuid.Nil && step.StepID != body.StepID {
			continue
		}
		for _, v := range step.Variants {
			if body.VariantID == uuid.Nil || v.VariantID == body.VariantID {
				return subjectOf(steps, i, v), v.Body, nil
			}
		}
		if body.StepID != uuid.Nil || body.VariantID == uuid.Nil {
			break
		}
	}
	switch {
	case body.VariantID != uuid.Nil:
		return "", "", invalidProblem(gen.FieldError{Field: "variant_id", Reason: "is not a variant there"})
	case body.StepID != uuid.Nil:
		return "", "", invalidProblem(gen.FieldError{Field: "step_id", Reason: "is not a step of this campaign"})
	}
	return "", "", invalidProblem(gen.FieldError{Field: "step_id", Reason: "the campaign has no step yet; send subject and body"})
}

// previewValues returns what a lead's message, or an example person's, is filled in with, and the names that nobody knows.
func (s *Server) previewValues(c *call, campaign *projections.Campaign, leadID, sender uuid.UUID, names []string) (values map[string]any, unknown []string, box *projections.Mailbox, err error) {
	var custom []string
	for _, name := range names {
		if !slices.Contains(profile.Names(), name) && !slices.Contains(aggregates.SystemVariables(), name) {
			custom = append(custom, name)
		}
	}
	var lead *projections.Lead
	var org *projections.Organization
	var known map[string]bool
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if leadID != uuid.Nil {
			if lead, err = projections.GetLead(c.ctx, tx, c.who.Org, leadID); err != nil {
				return err
			}
		}
		if sender != uuid.Nil {
			if box, err = projections.GetMailbox(c.ctx, tx, c.who.Org, sender); err != nil && !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
		}
		if org, err = projections.GetOrganization(c.ctx, tx, c.who.Org); err != nil {
			return err
		}
		known, err = projections.KnownFields(c.ctx, tx, c.who.Org, withoutPrefix(custom))
		return err
	}); err != nil {
		return nil, nil, nil, err
	}
	person := profile.Example()
	if lead != nil {
		if person, err = leads.ProfileOf(lead); err != nil {
			return nil, nil, nil, err
		}
	}
	values = person.Values()
	maps.Copy(values, exampleSystem(org, box))
	for i, bare := range withoutPrefix(custom) {
		switch {
		case !known[bare]:
			unknown = append(unknown, custom[i])
			values[custom[i]] = "[" + custom[i] + "]"
		case lead == nil:
			values[custom[i]] = "[" + custom[i] + "]"
		}
	}
	slices.Sort(unknown)
	return values, slices.Compact(unknown), box, nil
}

func withoutPrefix(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = strings.TrimPrefix(name, profile.CustomPrefix)
	}
	return out
}

// exampleSystem returns each of aggregates.SystemVariables a value: the organisation's own where they are known already, and
// links that say that they are none.
func exampleSystem(org *projections.Organization, box *projections.Mailbox) map[string]any {
	values := map[string]any{"unsubscribe_link": "https://example.com/example-unsubscribe-link", "booking_link": "https://example.com/example-booking-link",
		"sender_name": "Example Sender", "sender_email": "sender@example.com", "organization_name": org.Name, "postal_address": org.PostalAddress}
	if org.PostalAddress == "" {
		values["postal_address"] = "[postal_address]"
	}
	if box != nil && valueOrZero(box.Address) != "" {
		values["sender_email"], values["sender_name"] = *box.Address, *box.Address
		if name := valueOrZero(box.DisplayName); name != "" {
			values["sender_name"] = name
		}
	}
	return values
}
