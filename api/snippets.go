package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/leads"
	"outrider/internal/linktoken"
	"outrider/internal/profile"
	"outrider/internal/template"
	"outrider/projections"
)

// linkToLeave is the only variable of templates that answers of members lack.
const linkToLeave = "unsubscribe_link"

func snippetOf(s *projections.Snippet) gen.Snippet {
	return gen.Snippet{ID: s.SnippetID, Version: s.Version, Name: s.Name, Text: s.Text, ChangedBy: s.ChangedBy, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt}
}

func (x *inboxHandlers) listSnippets(c *call) error {
	var rows []*projections.Snippet
	if err := x.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		rows, err = projections.ListSnippets(c.ctx, tx, c.who.Org)
		return err
	}); err != nil {
		return err
	}
	out := gen.SnippetList{Data: make([]gen.Snippet, len(rows))}
	for i, s := range rows {
		out.Data[i] = snippetOf(s)
	}
	return c.answerJSON(http.StatusOK, out)
}

func (x *inboxHandlers) loadSnippet(c *call, id uuid.UUID) (s *projections.Snippet, err error) {
	err = x.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		s, err = projections.GetSnippet(c.ctx, tx, c.who.Org, id)
		return err
	})
	return s, err
}

func (x *inboxHandlers) showSnippet(c *call, id uuid.UUID) error {
	s, err := x.loadSnippet(c, id)
	if err != nil {
		return err
	}
	return c.answerVersioned(snippetOf(s), s.Version)
}

func (x *inboxHandlers) createSnippet(c *call, body gen.SnippetWrite) error {
	name, err := x.checkSnippet(c, body)
	if err != nil {
		return err
	}
	in, err := x.beginOwn(c)
	if err != nil {
		return err
	}
	id := in.newID("snippet")
	a, err := x.submitCommand(in, commands.CreateSnippet{SnippetRef: events.SnippetRef{SnippetID: id}, Name: name, Text: body.Text})
	if err != nil {
		return err
	}
	return x.showAfterChange(c, "snippets", a, func() error {
		s, err := x.loadSnippet(c, id)
		if err != nil {
			return err
		}
		return c.answerCreated(snippetOf(s), "/v1/snippets/"+id.String(), s.Version)
	})
}

func (x *inboxHandlers) changeSnippet(c *call, id uuid.UUID, body gen.SnippetWrite) error {
	version, err := c.ifVersion()
	if err != nil {
		return err
	}
	name, err := x.checkSnippet(c, body)
	if err != nil {
		return err
	}
	a, err := x.submitOwn(c, commands.ChangeSnippet{SnippetRef: events.SnippetRef{SnippetID: id}, Name: name, Text: body.Text, IfVersion: version})
	if err != nil {
		return err
	}
	return x.showAfterChange(c, "snippets", a, func() error { return x.showSnippet(c, id) })
}

func removeSnippet(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.RemoveSnippet{SnippetRef: events.SnippetRef{SnippetID: id}}, nil
}

// checkSnippet returns the name as it is kept, or says what is wrong with the text: what can't be filled in, and variables that nobody knows.
func (x *inboxHandlers) checkSnippet(c *call, body gen.SnippetWrite) (name string, err error) {
	t, err := parseSnippet(body.Text)
	if err != nil {
		return "", err
	}
	var custom []string
	for _, v := range t.Variables() {
		if !slices.Contains(profile.Names(), v) && (v == linkToLeave || !slices.Contains(aggregates.SystemVariables(), v)) {
			custom = append(custom, v)
		}
	}
	var known map[string]bool
	if err := x.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		known, err = projections.KnownFields(c.ctx, tx, c.who.Org, withoutPrefix(custom))
		return err
	}); err != nil {
		return "", err
	}
	for _, v := range custom {
		if !known[strings.TrimPrefix(v, profile.CustomPrefix)] {
			return "", invalidField("text", "has a variable that nobody knows: "+v)
		}
	}
	if name = profile.CleanLine(body.Name); name == "" {
		return "", invalidField("name", "is blank")
	}
	return name, nil
}

func parseSnippet(text string) (*template.Template, error) {
	m, err := template.ParseMessage("x", text)
	if wrong := (*template.FieldError)(nil); errors.As(err, &wrong) {
		return nil, invalidField("text", wrong.Reason())
	}
	return m.Body, err
}

// fillSnippet shows a snippet as it would be said in a conversation.
func (x *inboxHandlers) fillSnippet(c *call, id uuid.UUID) error {
	s, err := x.loadSnippet(c, id)
	if err != nil {
		return err
	}
	t, err := parseSnippet(s.Text)
	if err != nil {
		return err
	}
	values, err := x.snippetValues(c, c.uuidParam("thread_id"))
	if err != nil {
		return err
	}
	out := gen.SnippetFilled{Missing: nonNil(template.MessageTemplates{Subject: t, Body: t}.FillMissing(values))}
	if out.Text, err = t.Render(values); err != nil {
		return invalidField("text", "can't be filled in: "+template.Clip(err.Error(), template.MaxProblem))
	}
	out.Text = profile.CleanText(out.Text)
	return c.answerJSON(http.StatusOK, out)
}

// snippetValues returns what is known of the person of a thread, and of the mailbox that an answer leaves from.
func (x *inboxHandlers) snippetValues(c *call, id uuid.UUID) (map[string]any, error) {
	values := map[string]any{}
	return values, x.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		thread, err := projections.GetInboxThread(c.ctx, tx, c.who.Org, id)
		if err != nil {
			return err
		}
		lead, err := projections.GetLead(c.ctx, tx, c.who.Org, thread.LeadID)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if lead != nil {
			person, err := leads.ProfileOf(lead)
			if err != nil {
				return err
			}
			for name, value := range person.Values() {
				values[name] = value
			}
		}
		if thread.MailboxID != nil {
			box, err := projections.GetMailbox(c.ctx, tx, c.who.Org, *thread.MailboxID)
			if err != nil && !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
			if box != nil {
				values["sender_email"], values["sender_name"] = valueOrZero(box.Address), valueOrZero(box.DisplayName)
			}
		}
		org, err := projections.GetOrganization(c.ctx, tx, c.who.Org)
		if err != nil {
			return err
		}
		values["organization_name"], values["postal_address"] = org.Name, org.PostalAddress
		sent, err := projections.SentInThread(c.ctx, tx, thread, maxThreadItems)
		if len(sent) > 0 && x.links.Signer != nil {
			values["booking_link"] = x.links.Booking(linktoken.Token{Org: c.who.Org, Message: sent[len(sent)-1].MessageID})
		}
		return err
	})
}
