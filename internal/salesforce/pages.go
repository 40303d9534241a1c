package salesforce

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"outrider/internal/crmapi"
)

// mostRecords are asked for at once.
const mostRecords = 2000

// Contacts returns leads and then contacts, each page behind the last id of the one before, or what a list view shows.
func (c *Client) Contacts(ctx context.Context, s crmapi.Selection, after string) (page []crmapi.Contact, next string, err error) {
	if s.List != "" {
		return c.listed(ctx, s, after)
	}
	object, id, _ := strings.Cut(after, " ")
	if object == "" {
		object = lead
	}
	condition := "Email != null"
	if object == lead {
		condition += " AND IsConverted = false"
	}
	if id != "" {
		condition += " AND Id > " + quote(id)
	}
	if !s.Since.IsZero() {
		condition += " AND SystemModstamp >= " + s.Since.UTC().Format(stamp)
	}
	page, last, err := c.page(ctx, object, s.Fields, condition, " ORDER BY Id")
	switch {
	case len(page) == mostRecords:
		next = object + " " + last.ID
	case object == lead:
		next = contact
	}
	return page, next, err
}

func (c *Client) page(ctx context.Context, object string, fields []string, condition, order string) (page []crmapi.Contact, last crmapi.Contact, err error) {
	soql, names, err := c.selectFrom(ctx, object, fields, condition, fmt.Sprintf("%s LIMIT %d", order, mostRecords))
	if err != nil {
		return nil, last, err
	}
	all, next, err := c.query(ctx, false, soql)
	for err == nil && next != "" {
		var more []record
		more, next, err = c.queryPage(ctx, false, next)
		all = append(all, more...)
	}
	if err != nil {
		return nil, last, fmt.Errorf("read %ss: %w", strings.ToLower(object), err)
	}
	for _, r := range all {
		last = foundOf(object, r, names).Contact
		page = append(page, last)
	}
	return page, last, nil
}

// Changed returns leads and then contacts, in the order of their changes.
func (c *Client) Changed(ctx context.Context, since time.Time, after string) (page []crmapi.Contact, next string, err error) {
	parts := strings.Split(after, " ")
	object, condition := lead, "SystemModstamp >= "+since.UTC().Format(stamp)
	switch len(parts) {
	case 3:
		object = parts[0]
		condition = fmt.Sprintf("(SystemModstamp > %s OR (SystemModstamp = %s AND Id > %s))", parts[1], parts[1], quote(parts[2]))
	default:
		if parts[0] != "" {
			object = parts[0]
		}
	}
	page, last, err := c.page(ctx, object, nil, condition, " ORDER BY SystemModstamp, Id")
	switch {
	case len(page) == mostRecords:
		next = object + " " + last.UpdatedAt.UTC().Format(stamp) + " " + last.ID
	case object == lead:
		next = contact
	}
	return page, next, err
}

// Lists returns list views of leads and contacts.
func (c *Client) Lists(ctx context.Context, named string) (out []crmapi.List, err error) {
	for _, object := range []string{lead, contact} {
		var views struct {
			Views []struct{ ID, Label string } `json:"listviews"`
		}
		if _, err := c.do(ctx, false, http.MethodGet, data+"/sobjects/"+object+"/listviews", nil, &views); err != nil {
			return nil, fmt.Errorf("read list views: %w", err)
		}
		for _, v := range views.Views {
			if strings.Contains(strings.ToLower(v.Label), strings.ToLower(named)) && len(out) < 100 {
				out = append(out, crmapi.List{ID: object + ":" + v.ID, Name: object + "s: " + v.Label})
			}
		}
	}
	return out, nil
}

// listed reads what a list view shows: its query is Salesforce's, and its pages are of the moment in which it began.
func (c *Client) listed(ctx context.Context, s crmapi.Selection, after string) (page []crmapi.Contact, next string, err error) {
	object, id, ok := strings.Cut(s.List, ":")
	if !ok || object != lead && object != contact {
		return nil, "", crmapi.ErrNoList
	}
	path := after
	if path == "" {
		var view struct {
			Query string `json:"query"`
		}
		if _, err := c.do(ctx, false, http.MethodGet, data+"/sobjects/"+object+"/listviews/"+url.PathEscape(id)+"/describe", nil, &view); err != nil {
			if err == ErrNotFound { //nolint:errorlint // it is returned as it is
				return nil, "", crmapi.ErrNoList
			}
			return nil, "", fmt.Errorf("read list view: %w", err)
		}
		path = data + "/query?q=" + url.QueryEscape(view.Query)
	}
	shown, next, err := c.queryPage(ctx, false, path)
	if err != nil {
		return nil, "", fmt.Errorf("read list view: %w", err)
	}
	ids := make([]string, 0, len(shown))
	for _, r := range shown {
		ids = append(ids, r.text("Id"))
	}
	all, err := c.ByID(ctx, ids, s.Fields)
	for _, id := range ids {
		if x, ok := all[id]; ok && x.Email != "" {
			page = append(page, x)
		}
	}
	return page, next, err
}
