package hubspot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"outrider/internal/crmapi"
)

// Names of properties of contacts.
const (
	propertyEmail    = "email"
	propertyOptOut   = "hs_email_optout"
	propertyModified = "lastmodifieddate"
	propertyStage    = "lifecyclestage"
	propertyOwner    = "hubspot_owner_id"
	propertyID       = "hs_object_id"
)

// UniqueProperty is the property of activities by which ours are found again, whatever became of the request that made them.
const UniqueProperty = "outrider_id"

// Usual pairs fields of leads with HubSpot's own properties.
func (*Client) Usual() [][2]string {
	return [][2]string{{"first_name", "firstname"}, {"last_name", "lastname"}, {"company_name", "company"}, {"job_title", "jobtitle"}, {"phone", "phone"}, {"website", "website"}, {"city", "city"}, {"country", "country"}}
}

// Batch is how many objects one call takes.
func (*Client) Batch() int { return BatchSize }

// Schema says which properties contacts have.
func (c *Client) Schema(ctx context.Context) (out crmapi.Schema, err error) {
	all, err := c.ListProperties(ctx, Contacts)
	if err != nil {
		return out, fmt.Errorf("read properties: %w", err)
	}
	for _, p := range all {
		if p.Archived || p.Name == propertyEmail {
			continue
		}
		if p.Name == propertyStage {
			for _, o := range p.Options {
				out.Stages = append(out.Stages, o.Value)
			}
		}
		out.Fields = append(out.Fields, crmapi.Field{Name: p.Name, Label: p.Label, Type: p.Type, Hidden: p.Hidden, Text: p.Type == "string" || p.Type == "phone_number",
			ReadOnly: p.Modification.ReadOnly || p.Name == propertyOwner || p.Name == propertyOptOut})
	}
	return out, nil
}

// Prepare makes the property by which our records are found.
func (c *Client) Prepare(ctx context.Context) error {
	for _, objects := range []string{Emails, Meetings, Notes} {
		if err := c.EnsureUnique(ctx, objects, UniqueProperty, "Outrider ID"); err != nil {
			return fmt.Errorf("prepare %s: %w", objects, err)
		}
	}
	return nil
}

// propertiesOf are those that are read of every contact, and some more.
func propertiesOf(fields []string) []string {
	out := []string{propertyEmail, propertyOptOut, propertyModified, propertyStage}
	for _, f := range fields {
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// contactsOf returns objects as contacts. An owner is a name.
func (c *Client) contactsOf(ctx context.Context, all []Object, fields []string) (out []crmapi.Contact, err error) {
	if slices.Contains(fields, propertyOwner) && c.owners == nil {
		owners, err := c.ListOwners(ctx)
		if err != nil {
			return nil, fmt.Errorf("read owners: %w", err)
		}
		c.owners = map[string]string{}
		for _, o := range owners {
			c.owners[o.ID] = o.Name()
		}
	}
	for _, o := range all {
		if o.Archived {
			continue
		}
		x := crmapi.Contact{ID: o.ID, Email: strings.ToLower(o.Value(propertyEmail)), OptedOut: o.Value(propertyOptOut) == "true", Stage: o.Value(propertyStage), UpdatedAt: o.UpdatedAt, Values: map[string]string{}}
		for _, f := range fields {
			x.Values[f] = o.Value(f)
		}
		if name := c.owners[x.Values[propertyOwner]]; name != "" {
			x.Values[propertyOwner] = name
		}
		out = append(out, x)
	}
	return out, nil
}

func (c *Client) readContacts(ctx context.Context, by string, values, fields []string) ([]crmapi.Contact, error) {
	if len(values) == 0 {
		return nil, nil
	}
	found, err := c.Read(ctx, Contacts, by, values, propertiesOf(fields))
	if err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	return c.contactsOf(ctx, found, fields)
}

// ByID returns contacts by their ids.
func (c *Client) ByID(ctx context.Context, ids, fields []string) (map[string]crmapi.Contact, error) {
	found, err := c.readContacts(ctx, "", ids, fields)
	out := map[string]crmapi.Contact{}
	for _, x := range found {
		out[x.ID] = x
	}
	return out, err
}

// ByAddress returns contacts by their addresses.
func (c *Client) ByAddress(ctx context.Context, addresses, fields []string) (map[string]crmapi.Contact, error) {
	found, err := c.readContacts(ctx, propertyEmail, addresses, fields)
	out := map[string]crmapi.Contact{}
	for _, x := range found {
		out[x.Email] = x
	}
	return out, err
}

// Contacts goes by ids, each page behind the last id of the one before, or by a list's own pages.
func (c *Client) Contacts(ctx context.Context, s crmapi.Selection, after string) (page []crmapi.Contact, next string, err error) {
	if s.List != "" {
		ids, next, err := c.Members(ctx, s.List, after)
		if errors.Is(err, ErrNotFound) {
			return nil, "", crmapi.ErrNoList
		}
		if err != nil {
			return nil, "", fmt.Errorf("read list: %w", err)
		}
		page, err = c.readContacts(ctx, "", ids, s.Fields)
		return page, next, err
	}
	filters := []Filter{{Property: propertyID, Operator: "GT", Value: orZero(after)}, {Property: propertyEmail, Operator: "HAS_PROPERTY"}}
	if !s.Since.IsZero() {
		filters = append(filters, Filter{Property: propertyModified, Operator: "GTE", Value: millis(s.Since)})
	}
	found, err := c.Search(ctx, Contacts, filters, propertyID, propertiesOf(s.Fields))
	if err != nil {
		return nil, "", fmt.Errorf("read contacts: %w", err)
	}
	if len(found) > 0 {
		next = found[len(found)-1].ID
	}
	page, err = c.contactsOf(ctx, found, s.Fields)
	return page, next, err
}

func orZero(id string) string {
	if id == "" {
		return "0"
	}
	return id
}

func millis(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }

// Changed goes by instants; after is one, and the last id where more have changed in that millisecond than a page holds.
func (c *Client) Changed(ctx context.Context, since time.Time, after string) (page []crmapi.Contact, next string, err error) {
	from, id, inside := strings.Cut(after, " ")
	if after == "" {
		from = millis(since)
	}
	filters, order := []Filter{{Property: propertyModified, Operator: "GTE", Value: from}}, propertyModified
	if inside {
		filters, order = []Filter{{Property: propertyModified, Operator: "EQ", Value: from}, {Property: propertyID, Operator: "GT", Value: id}}, propertyID
	}
	found, err := c.Search(ctx, Contacts, filters, order, propertiesOf(nil))
	if err != nil {
		return nil, "", fmt.Errorf("look for changed contacts: %w", err)
	}
	full, newest := len(found) == searchPage, from
	if len(found) > 0 {
		newest = millis(found[len(found)-1].UpdatedAt)
	}
	switch {
	case inside && full:
		next = from + " " + found[len(found)-1].ID
	case inside:
		at, err := strconv.ParseInt(from, 10, 64)
		if err != nil {
			return nil, "", fmt.Errorf("look for changed contacts: %w", err)
		}
		next = strconv.FormatInt(at+1, 10)
	case full && newest != from:
		next = newest
	case full:
		next = from + " 0"
	}
	page, err = c.contactsOf(ctx, found, nil)
	return page, next, err
}

// Lists returns lists of contacts.
func (c *Client) Lists(ctx context.Context, named string) (out []crmapi.List, err error) {
	all, err := c.ListLists(ctx, named)
	for _, l := range all {
		out = append(out, crmapi.List(l))
	}
	return out, err
}

// Write changes contacts that are known, and creates the others unless they have come to be.
func (c *Client) Write(ctx context.Context, all []crmapi.Write) ([]crmapi.Outcome, error) {
	out := make([]crmapi.Outcome, len(all))
	var known, unknown []int
	inputs := make([]Input, len(all))
	for i, w := range all {
		p := maps.Clone(w.Values)
		if p == nil {
			p = map[string]string{}
		}
		if w.Stage != "" {
			p[propertyStage] = w.Stage
		}
		inputs[i] = Input{ID: w.ID, Trace: w.Key, Properties: p}
		if w.ID != "" {
			known = append(known, i)
			continue
		}
		p[propertyEmail], inputs[i].ID, inputs[i].IDProperty = w.Email, w.Email, propertyEmail
		unknown = append(unknown, i)
	}
	if err := c.writeHalves(ctx, Contacts, inputs, known, out, c.Update); err != nil {
		return nil, err
	}
	return out, c.writeHalves(ctx, Contacts, inputs, unknown, out, c.Upsert)
}

// OptOut says of addresses that nothing may be sent to them, whoever there is.
func (c *Client) OptOut(ctx context.Context, addresses []string) error {
	return c.unsubscribe(ctx, addresses)
}

// Delete archives a contact.
func (c *Client) Delete(ctx context.Context, id string) error { return c.Archive(ctx, Contacts, id) }
