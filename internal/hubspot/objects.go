package hubspot

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Types of objects.
const (
	Contacts = "contacts"
	Emails   = "emails"
	Meetings = "meetings"
	Notes    = "notes"
)

// BatchSize is how many objects one request takes.
const BatchSize = 100

// Object is a contact or an activity. A property without a value is absent or null.
type Object struct {
	ID         string             `json:"id"`
	Properties map[string]*string `json:"properties"`
	CreatedAt  time.Time          `json:"createdAt"`
	UpdatedAt  time.Time          `json:"updatedAt"`
	Archived   bool               `json:"archived"`
	Trace      string             `json:"objectWriteTraceId"` // of the input that it comes from
}

// Value returns a property's, "" = it has none.
func (o Object) Value(name string) string {
	if v := o.Properties[name]; v != nil {
		return *v
	}
	return ""
}

// Input is an object that is written: found by an id, or by the value of a unique property.
type Input struct {
	ID         string            `json:"id"`
	IDProperty string            `json:"idProperty,omitempty"`
	Trace      string            `json:"objectWriteTraceId,omitempty"` // comes back with what is said of it
	Properties map[string]string `json:"properties"`
}

// Written is what became of a batch: an object for each input that was taken, and why the others were not.
type Written struct {
	Results []Object  `json:"results"`
	Errors  []Problem `json:"errors"`
}

// Traces are the inputs that a problem is about; none = HubSpot doesn't say.
func (p Problem) Traces() []string { return p.Context["objectWriteTraceId"] }

// IDs are the ids that a problem is about.
func (p Problem) IDs() []string { return append(p.Context["ids"], p.Context["id"]...) }

// Upsert creates and changes up to BatchSize objects. What is done again changes nothing more.
func (c *Client) Upsert(ctx context.Context, objects string, inputs []Input) (w Written, err error) {
	_, err = c.do(ctx, http.MethodPost, c.path("crm/objects", objects+"/batch/upsert"), map[string]any{"inputs": inputs}, &w)
	return w, err
}

// Read returns those of up to BatchSize objects that there are; by names the unique property that ids are values of, "" = they are ids.
func (c *Client) Read(ctx context.Context, objects, by string, ids, properties []string) ([]Object, error) {
	type one struct {
		ID string `json:"id"`
	}
	in := struct {
		IDProperty string   `json:"idProperty,omitempty"`
		Inputs     []one    `json:"inputs"`
		Properties []string `json:"properties"`
		History    []string `json:"propertiesWithHistory"`
	}{IDProperty: by, Inputs: []one{}, Properties: properties, History: []string{}}
	for _, id := range ids {
		in.Inputs = append(in.Inputs, one{id})
	}
	var out Written
	_, err := c.do(ctx, http.MethodPost, c.path("crm/objects", objects+"/batch/read"), in, &out)
	return out.Results, err
}

// Archive takes an object away. One that isn't there is.
func (c *Client) Archive(ctx context.Context, objects, id string) error {
	_, err := c.do(ctx, http.MethodDelete, c.path("crm/objects", objects+"/"+url.PathEscape(id)), nil, nil)
	if err == ErrNotFound { //nolint:errorlint // it is returned as it is
		return nil
	}
	return err
}

// Filter is a condition of a search.
type Filter struct {
	Property string `json:"propertyName"`
	Operator string `json:"operator"`
	Value    string `json:"value,omitempty"`
}

// searchPage is the most that a search returns at once.
const searchPage = 200

// Search returns a page of objects by conditions, in the order of a property. Its index is seconds behind, and it ends after 10,000: who
// wants all asks for what follows the last one.
func (c *Client) Search(ctx context.Context, objects string, filters []Filter, order string, properties []string) ([]Object, error) {
	in := map[string]any{"filterGroups": []any{map[string]any{"filters": filters}}, "sorts": []any{map[string]any{"propertyName": order, "direction": "ASCENDING"}}, "properties": properties, "limit": searchPage, "after": "0"}
	var out struct {
		Results []Object `json:"results"`
	}
	_, err := c.do(ctx, http.MethodPost, c.path("crm/objects", objects+"/search"), in, &out)
	return out.Results, err
}

// List is a list of contacts.
type List struct {
	ID   string `json:"listId"`
	Name string `json:"name"`
}

// ListLists returns lists of contacts whose names hold a text, at most 100.
func (c *Client) ListLists(ctx context.Context, named string) ([]List, error) {
	var out struct {
		Lists []List `json:"lists"`
	}
	_, err := c.do(ctx, http.MethodPost, c.path("crm/lists", "search"), map[string]any{"query": named, "count": 100, "offset": 0, "objectTypeId": "0-1", "listIds": []string{}, "processingTypes": []string{"MANUAL", "SNAPSHOT", "DYNAMIC"}}, &out)
	return out.Lists, err
}

// Members returns a page of the contacts of a list, and what the next one begins after; "" = it was the last.
func (c *Client) Members(ctx context.Context, list, after string) (ids []string, next string, err error) {
	q := url.Values{"limit": {strconv.Itoa(BatchSize)}}
	if after != "" {
		q.Set("after", after)
	}
	var out struct {
		Results []struct {
			RecordID string `json:"recordId"`
		} `json:"results"`
		Paging *paging `json:"paging"`
	}
	if _, err = c.do(ctx, http.MethodGet, c.path("crm/lists", url.PathEscape(list)+"/memberships?"+q.Encode()), nil, &out); err != nil {
		return nil, "", err
	}
	for _, r := range out.Results {
		ids = append(ids, r.RecordID)
	}
	return ids, out.Paging.after(), nil
}

// Pair is two objects that belong together.
type Pair struct{ From, To string }

// Associate joins pairs in the usual way. What is joined stays so.
func (c *Client) Associate(ctx context.Context, from, to string, pairs []Pair) (w Written, err error) {
	type id struct {
		ID string `json:"id"`
	}
	type pair struct {
		From id `json:"from"`
		To   id `json:"to"`
	}
	in := struct {
		Inputs []pair `json:"inputs"`
	}{[]pair{}}
	for _, p := range pairs {
		in.Inputs = append(in.Inputs, pair{id{p.From}, id{p.To}})
	}
	var out struct {
		Errors []Problem `json:"errors"`
	}
	_, err = c.do(ctx, http.MethodPost, c.path("crm/associations", from+"/"+to+"/batch/associate/default"), in, &out)
	return Written{Errors: out.Errors}, err
}

// unsubscribe says of addresses that nothing may be sent to them.
func (c *Client) unsubscribe(ctx context.Context, addresses []string) error {
	_, err := c.do(ctx, http.MethodPost, c.path("communication-preferences", "statuses/batch/unsubscribe-all?channel=EMAIL"), map[string]any{"inputs": addresses}, nil)
	return err
}

// Update changes up to BatchSize objects that are known by their ids.
func (c *Client) Update(ctx context.Context, objects string, inputs []Input) (w Written, err error) {
	_, err = c.do(ctx, http.MethodPost, c.path("crm/objects", objects+"/batch/update"), map[string]any{"inputs": inputs}, &w)
	return w, err
}
