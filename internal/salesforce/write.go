package salesforce

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"outrider/internal/crmapi"
	"outrider/internal/integrations"
)

func needsMapping(detail string) error {
	return &integrations.NeedsYou{Reason: integrations.Mapping, Detail: detail}
}

// LeadOf returns a lead as it is created.
func LeadOf(w crmapi.Write) map[string]any {
	r := map[string]any{Key: w.Key, "Email": w.Email}
	for name, v := range w.Values {
		r[name] = v
	}
	for _, name := range []string{"LastName", "Company"} { // Salesforce insists on them
		if v, _ := r[name].(string); v == "" {
			r[name] = notProvided
		}
	}
	if w.Stage != "" {
		r["Status"] = w.Stage
	}
	if w.OptedOut {
		r[optOut] = true
	}
	return r
}

func typed(object string, r record) record {
	r["attributes"] = map[string]string{"type": object}
	return r
}

// changeOf returns what a lead or a contact is told; ok = it is something.
func (c *Client) changeOf(ctx context.Context, id string, w crmapi.Write) (r record, ok bool, err error) {
	object := contact
	if strings.HasPrefix(id, leadPrefix) {
		object = lead
	}
	r = typed(object, record{"id": id})
	for f, v := range w.Values {
		name, has, err := c.nameIn(ctx, object, f)
		if err != nil {
			return nil, false, err
		}
		if has && !strings.Contains(name, ".") { // what is another object's is read only
			r[name], ok = v, true
		}
	}
	if w.Stage != "" && object == lead {
		r["Status"], ok = w.Stage, true
	}
	return r, ok, nil
}

// Write changes those that are known by their ids, whichever object they are, and creates the others as leads, by the key of ours. A lead that was converted
// meanwhile is followed to its contact.
func (c *Client) Write(ctx context.Context, all []crmapi.Write) ([]crmapi.Outcome, error) {
	out := make([]crmapi.Outcome, len(all))
	var creates, changes []record
	var created, changed, gone []int
	for i, w := range all {
		out[i].ID = w.ID
		if w.ID == "" {
			creates, created = append(creates, typed(lead, LeadOf(w))), append(created, i)
			continue
		}
		r, ok, err := c.changeOf(ctx, w.ID, w)
		if err != nil {
			return nil, err
		}
		if ok {
			changes, changed = append(changes, r), append(changed, i)
		}
	}
	note := func(which []int, done []saved) {
		for n, s := range done {
			switch i := which[n]; s.code() {
			case "":
				out[i] = crmapi.Outcome{ID: s.ID}
			case codeConverted:
				gone = append(gone, i)
			default:
				out[i].Problem = problemOf(s.code())
			}
		}
	}
	if len(changes) > 0 {
		done, err := c.save(ctx, false, "", changes)
		if err != nil {
			return nil, fmt.Errorf("write contacts: %w", err)
		}
		note(changed, done)
	}
	if len(creates) > 0 {
		done, err := c.save(ctx, false, lead, creates)
		if err != nil {
			return nil, fmt.Errorf("write leads: %w", err)
		}
		note(created, done)
	}
	return out, c.follow(ctx, all, gone, out)
}

func problemOf(code string) string {
	if code == codeSeveral {
		return "the CRM has several records with our id; empty the field " + Key + " in all but one of them"
	}
	return "the CRM refuses it: " + code
}

// follow writes to the contacts that leads have become.
func (c *Client) follow(ctx context.Context, all []crmapi.Write, gone []int, out []crmapi.Outcome) error {
	if len(gone) == 0 {
		return nil
	}
	var ids, keys []string
	for _, i := range gone {
		if all[i].ID != "" {
			ids = append(ids, all[i].ID)
		} else {
			keys = append(keys, all[i].Key)
		}
	}
	became := map[string]string{}
	for _, condition := range append(among("Id", ids), among(Key, keys)...) {
		found, _, err := c.query(ctx, false, "SELECT Id, "+Key+", ConvertedContactId FROM Lead WHERE "+condition)
		if err != nil {
			return fmt.Errorf("follow converted leads: %w", err)
		}
		for _, r := range found {
			became[r.text("Id")], became[r.text(Key)] = r.text("ConvertedContactId"), r.text("ConvertedContactId")
		}
	}
	var changes []record
	var which []int
	for _, i := range gone {
		to := became[all[i].ID]
		if all[i].ID == "" {
			to = became[all[i].Key]
		}
		if to == "" {
			out[i].Problem = "the CRM has converted the lead, and there is no contact of it"
			continue
		}
		r, ok, err := c.changeOf(ctx, to, all[i])
		if err != nil {
			return err
		}
		if out[i] = (crmapi.Outcome{ID: to}); ok {
			changes, which = append(changes, r), append(which, i)
		}
	}
	if len(changes) == 0 {
		return nil
	}
	done, err := c.save(ctx, false, "", changes)
	if err != nil {
		return fmt.Errorf("write contacts: %w", err)
	}
	for n, s := range done {
		if code := s.code(); code != "" {
			out[which[n]].Problem = problemOf(code)
		}
	}
	return nil
}

// OptOut says so of everybody of an address. Nothing goes before it, so it is said also where little may be asked any more.
func (c *Client) OptOut(ctx context.Context, addresses []string) error {
	var records []record
	for _, object := range []string{lead, contact} {
		for _, condition := range among("Email", addresses) {
			if object == lead {
				condition += " AND IsConverted = false"
			}
			found, next, err := c.query(ctx, true, "SELECT Id FROM "+object+" WHERE "+condition+" AND "+optOut+" = false")
			for err == nil && next != "" {
				var more []record
				more, next, err = c.queryPage(ctx, true, next)
				found = append(found, more...)
			}
			if err != nil {
				return fmt.Errorf("find who has opted out: %w", err)
			}
			for _, r := range found {
				records = append(records, typed(object, record{"id": r.text("Id"), optOut: true}))
			}
		}
	}
	for part := range slices.Chunk(records, c.Batch()) {
		done, err := c.save(ctx, true, "", part)
		if err != nil {
			return fmt.Errorf("say who has opted out: %w", err)
		}
		for _, s := range done {
			if code := s.code(); code != "" && code != codeConverted && code != "ENTITY_IS_DELETED" {
				return &integrations.Later{After: time.Minute, Why: "Salesforce refuses an opt-out: " + code}
			}
		}
	}
	return nil
}

// Delete takes a lead or a contact away.
func (c *Client) Delete(ctx context.Context, id string) error {
	object := contact
	if strings.HasPrefix(id, leadPrefix) {
		object = lead
	}
	_, err := c.do(ctx, false, http.MethodDelete, data+"/sobjects/"+object+"/"+url.PathEscape(id), nil, nil)
	if err == ErrNotFound { //nolint:errorlint // it is returned as it is
		return nil
	}
	return err
}
