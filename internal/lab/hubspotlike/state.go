package hubspotlike

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"outrider/internal/hubspot"
	"outrider/internal/lab/crmlike"
)

// What stand-ins for CRMs share.
type (
	State     = crmlike.State
	Activity  = crmlike.Activity
	Misbehave = crmlike.Misbehave
)

// Diff says how two states differ, a line for each; nothing = not at all.
func Diff(a, b State) []string { return crmlike.Diff(a, b) }

// State returns what the account holds.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := State{Contacts: map[string]map[string]string{}, Activities: map[string]Activity{}, OptedOut: slices.Sorted(maps.Keys(s.optOuts))}
	own := func(o *object) map[string]string {
		p := maps.Clone(o.properties)
		delete(p, "hs_object_id")
		delete(p, "lastmodifieddate")
		return p
	}
	for _, o := range s.objects[contacts] {
		out.Contacts[o.properties["email"]] = own(o)
	}
	for _, t := range []string{emails, meetings, notes} {
		for _, o := range s.objects[t] {
			a := Activity{Object: t, Properties: own(o), About: []string{}}
			for id := range s.links[t+" "+o.id] {
				if c := s.objects[contacts][id]; c != nil {
					a.About = append(a.About, c.properties["email"])
				}
			}
			slices.Sort(a.About)
			key := o.properties["outrider_id"]
			if _, twice := out.Activities[key]; twice {
				key += " once more"
			}
			out.Activities[key] = a
		}
	}
	return out
}

// Notification is what is posted about changes, as it would be.
type Notification struct {
	Body    []byte
	Headers http.Header
}

// Notifications returns what is told of the changes since the last call, at most 100 in each, signed for a URL; reversed is in no order, and twice tells all of it twice.
func (s *Server) Notifications(target string, reversed, twice bool) (out []Notification) {
	s.mu.Lock()
	defer s.mu.Unlock()
	told := s.changes
	s.changes = nil
	if reversed {
		slices.Reverse(told)
	}
	if twice {
		told = append(told, told...)
	}
	for part := range slices.Chunk(told, 100) {
		all := []map[string]any{}
		for i, c := range part {
			id, _ := strconv.ParseInt(c.id, 10, 64)
			n := map[string]any{"eventId": i + 1, "subscriptionId": 1, "portalId": s.opts.Portal, "appId": 1, "occurredAt": c.at.UnixMilli(), "subscriptionType": c.kind, "attemptNumber": 0, "objectId": id, "changeSource": "CRM_UI"}
			if c.property != "" {
				n["propertyName"] = c.property
			}
			all = append(all, n)
		}
		body, _ := json.Marshal(all)
		at := strconv.FormatInt(s.opts.Now().UnixMilli(), 10)
		h := http.Header{"Content-Type": {"application/json"}}
		h.Set(hubspot.HeaderTimestamp, at)
		h.Set(hubspot.HeaderSignature, hubspot.Sign(s.opts.Secret, http.MethodPost, target, body, at))
		out = append(out, Notification{Body: body, Headers: h})
	}
	return out
}

// Post sends a notification.
func (n Notification) Post(client *http.Client, to string) (status int, err error) {
	r, err := http.NewRequest(http.MethodPost, to, bytes.NewReader(n.Body)) //nolint:noctx // it ends by the client's time limit
	if err != nil {
		return 0, fmt.Errorf("make notification: %w", err)
	}
	r.Header = n.Headers
	a, err := client.Do(r)
	if err != nil {
		return 0, fmt.Errorf("post notification: %w", err)
	}
	_ = a.Body.Close()
	return a.StatusCode, nil
}
