package salesforce

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"outrider/internal/crmapi"
)

// Key is the field of leads, contacts and tasks by which ours are found. An administrator makes it, marked External ID.
const Key = "Outrider_ID__c"

// Objects.
const (
	lead    = "Lead"
	contact = "Contact"
	task    = "Task"

	leadPrefix = "00Q" // of ids of leads
)

const ownerField = "Owner.Name"

// notProvided is in fields that Salesforce insists on, and nobody knows. It is read as a blank.
const notProvided = "[not provided]"

// elsewhere are fields of leads that contacts have under another name; "" = they have none.
var elsewhere = map[string]string{"City": "MailingCity", "Country": "MailingCountry", "State": "MailingState", "Street": "MailingStreet", "PostalCode": "MailingPostalCode", "Company": "Account.Name", "Website": "", "Status": ""} //nolint:gochecknoglobals // a constant table

// Usual pairs fields of leads here with those of leads there. A contact has them under its own names.
func (*Client) Usual() [][2]string {
	return [][2]string{{"first_name", "FirstName"}, {"last_name", "LastName"}, {"company_name", "Company"}, {"job_title", "Title"}, {"phone", "Phone"}, {"website", "Website"}, {"city", "City"}, {"country", "Country"}}
}

// Batch is how many records one call takes.
func (*Client) Batch() int { return 200 }

// Schema says what leads have, and whether our records can be found.
func (c *Client) Schema(ctx context.Context) (out crmapi.Schema, err error) {
	leads, err := c.describe(ctx, lead)
	if err != nil {
		return out, err
	}
	for _, f := range leads.fields {
		switch f.Name {
		case "Status":
			for _, v := range f.Values {
				if v.Active {
					out.Stages = append(out.Stages, v.Value)
				}
			}
		case "Email", "Id", Key:
			continue
		}
		out.Fields = append(out.Fields, crmapi.Field{Name: f.Name, Label: f.Label, Type: f.Type, ReadOnly: !f.Updateable || !f.Createable || f.Name == optOut || f.Type == "reference",
			Text: slices.Contains([]string{"string", "textarea", "phone", "url"}, f.Type)})
	}
	out.Fields = append(out.Fields, crmapi.Field{Name: ownerField, Label: "Owner", Type: "string", ReadOnly: true})
	out.Lacks, err = c.lacks(ctx)
	return out, err
}

// Prepare sees that our records can be found.
func (c *Client) Prepare(ctx context.Context) error {
	lacks, err := c.lacks(ctx)
	if err == nil && len(lacks) > 0 {
		return needsMapping(strings.Join(lacks, "; "))
	}
	return err
}

// lacks says what an administrator must make first.
func (c *Client) lacks(ctx context.Context) (out []string, err error) {
	for _, o := range [][2]string{{lead, "leads"}, {contact, "contacts"}, {task, "activities"}} {
		is, err := c.describe(ctx, o[0])
		if err != nil {
			return nil, err
		}
		switch f, ok := is.named[Key]; {
		case !ok:
			out = append(out, fmt.Sprintf("%s need a text field %s of 80 characters, marked External ID, that may be edited by who has connected Salesforce", o[1], Key))
		case !f.ExternalID:
			out = append(out, fmt.Sprintf("the field %s of %s must be marked External ID", Key, o[1]))
		case !f.Updateable:
			out = append(out, fmt.Sprintf("the field %s of %s may not be edited by who has connected Salesforce", Key, o[1]))
		}
	}
	return out, nil
}

// nameIn returns what a field of leads is called in an object, and whether it has it.
func (c *Client) nameIn(ctx context.Context, object, name string) (string, bool, error) {
	if object == contact {
		if other, ok := elsewhere[name]; ok {
			name = other
		}
	}
	if name == "" || strings.Contains(name, ".") {
		return name, name != "", nil
	}
	if object == lead { // one that is gone is asked for, so that somebody hears of it
		return name, true, nil
	}
	is, err := c.describe(ctx, object)
	_, ok := is.named[name]
	return name, ok, err
}

const optOut = "HasOptedOutOfEmail"

// columns are what is read of an object, and what each asked field is called there.
func (c *Client) columns(ctx context.Context, object string, fields []string) (columns []string, names map[string]string, err error) {
	columns, names = []string{"Id", "Email", optOut, "CreatedDate", "SystemModstamp", Key}, map[string]string{}
	if object == lead {
		columns = append(columns, "Status", "IsConverted", "ConvertedContactId")
	}
	for _, f := range fields {
		name, has, err := c.nameIn(ctx, object, f)
		if err != nil {
			return nil, nil, err
		}
		if !has {
			continue
		}
		names[f] = name
		if !slices.Contains(columns, name) {
			columns = append(columns, name)
		}
	}
	return columns, names, nil
}

// found is a contact with what decides between several.
type found struct {
	crmapi.Contact

	object    string
	key       string
	created   time.Time
	converted bool
	follow    string // the contact that a lead has become; "" = none
}

// read runs a query for each condition.
func (c *Client) read(ctx context.Context, object string, fields, conditions []string) (out []found, err error) {
	if len(conditions) == 0 {
		return nil, nil
	}
	for _, condition := range conditions {
		soql, names, err := c.selectFrom(ctx, object, fields, condition, "")
		if err != nil {
			return nil, err
		}
		all, next, err := c.query(ctx, false, soql)
		for err == nil && next != "" {
			var more []record
			more, next, err = c.queryPage(ctx, false, next)
			all = append(all, more...)
		}
		if err != nil {
			return nil, fmt.Errorf("read %ss: %w", strings.ToLower(object), err)
		}
		for _, r := range all {
			out = append(out, foundOf(object, r, names))
		}
	}
	return out, nil
}

// selectFrom returns a query, with what each asked field is called in its answer.
func (c *Client) selectFrom(ctx context.Context, object string, fields []string, condition, rest string) (soql string, names map[string]string, err error) {
	columns, names, err := c.columns(ctx, object, fields)
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + object + " WHERE " + condition + rest, names, err
}

func foundOf(object string, r record, names map[string]string) found {
	out := found{object: object, key: r.text(Key), created: r.time("CreatedDate"), converted: r.text("IsConverted") == "true", follow: r.text("ConvertedContactId"),
		Contact: crmapi.Contact{ID: r.text("Id"), Email: strings.ToLower(r.text("Email")), OptedOut: r.text(optOut) == "true", UpdatedAt: r.time("SystemModstamp"), Stage: r.text("Status"), Stageless: object == contact, Values: map[string]string{}}}
	for f, name := range names {
		if v := r.text(name); v != notProvided {
			out.Values[f] = v
		}
	}
	return out
}

// ByID returns leads and contacts. A lead that has become a contact is that contact.
func (c *Client) ByID(ctx context.Context, ids, fields []string) (map[string]crmapi.Contact, error) {
	out := map[string]crmapi.Contact{}
	var leads, contacts []string
	for _, id := range ids {
		if strings.HasPrefix(id, leadPrefix) {
			leads = append(leads, id)
		} else {
			contacts = append(contacts, id)
		}
	}
	all, err := c.read(ctx, lead, fields, among("Id", leads))
	if err != nil {
		return nil, err
	}
	became := map[string][]string{}
	for _, f := range all {
		switch {
		case !f.converted:
			out[f.ID] = f.Contact
		case f.follow != "":
			became[f.follow] = append(became[f.follow], f.ID)
		}
	}
	contacts = append(contacts, slices.Collect(maps.Keys(became))...)
	slices.Sort(contacts)
	if all, err = c.read(ctx, contact, fields, among("Id", slices.Compact(contacts))); err != nil {
		return nil, err
	}
	for _, f := range all {
		out[f.ID] = f.Contact
		for _, id := range became[f.ID] {
			out[id] = f.Contact
		}
	}
	return out, nil
}

// ByAddress returns who has an address: Salesforce lets several have one. It is the one that we have written, or else a contact before a lead, and the oldest. Who has
// opted out as one of them has opted out.
func (c *Client) ByAddress(ctx context.Context, addresses, fields []string) (map[string]crmapi.Contact, error) {
	var all []found
	for _, object := range []string{contact, lead} {
		conditions := among("Email", addresses)
		if object == lead {
			for i := range conditions {
				conditions[i] += " AND IsConverted = false"
			}
		}
		some, err := c.read(ctx, object, fields, conditions)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortStableFunc(all, func(a, b found) int {
		if (a.key != "") != (b.key != "") {
			return map[bool]int{true: -1, false: 1}[a.key != ""]
		}
		if a.object != b.object {
			return strings.Compare(a.object, b.object) // contacts before leads
		}
		return a.created.Compare(b.created)
	})
	out := map[string]crmapi.Contact{}
	for _, f := range all {
		first, ok := out[f.Email]
		if !ok {
			first = f.Contact
		}
		first.OptedOut = first.OptedOut || f.OptedOut
		out[f.Email] = first
	}
	return out, nil
}
