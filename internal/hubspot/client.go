// Package hubspot speaks to HubSpot's API: what Outrider uses of it, in the version of one date.
package hubspot

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"outrider/internal/crmapi"
	"outrider/internal/integrations"
	"outrider/internal/mail/mailoauth"
)

// Version of the API: HubSpot names versions by dates since 2026, and ends those with numbers in 2027.
const Version = "2026-03"

const (
	// Name of the provider.
	Name = "hubspot"
	// Base is where HubSpot's API is.
	Base = "https://api.hubapi.com"
	page = "https://app.hubspot.com/oauth/authorize"
)

// Scopes that are asked for.
func Scopes() []string {
	return []string{"oauth", "crm.objects.contacts.read", "crm.objects.contacts.write", "crm.schemas.contacts.read", "crm.schemas.contacts.write", "crm.objects.owners.read", "crm.lists.read",
		"communication_preferences.read_write"}
}

// Provider is HubSpot for a registry. standIn takes the place of both its hosts; "" = none.
func Provider(client mailoauth.Client, standIn string) integrations.Provider {
	p := integrations.Provider{Name: Name, Kind: integrations.CRM, Keys: true, OAuth: mailoauth.Registration{Client: client, Auth: page, Token: Base + "/oauth/" + Version + "/token", Scopes: Scopes()}}
	if standIn != "" {
		p.OAuth.Auth, p.OAuth.Token = standIn+"/oauth/authorize", standIn+"/oauth/"+Version+"/token"
	}
	return p
}

// Rates of an account, all programs together; searches are counted apart.
func Rates() (all, search integrations.Rate) {
	return integrations.Rate{Most: 90, Window: 10 * time.Second}, integrations.Rate{Most: 4, Window: time.Second}
}

// Client asks as one connection. It is a crmapi.Service.
type Client struct {
	crmapi.Clock

	base   string
	caller integrations.Caller
	owners map[string]string // names by ids; nil = they weren't read yet
}

// New takes the base of the API, "" = HubSpot's.
func New(base string, c integrations.Caller) *Client {
	if base == "" {
		base = Base
	}
	h := &Client{base: strings.TrimSuffix(base, "/"), caller: c}
	if h.caller.Now == nil {
		h.caller.Now = time.Now
	}
	h.Now = h.caller.Now
	h.caller.Read = readProblem
	h.caller.Seen = h.Note
	return h
}

// Problem is the body of an answer that isn't a success, or an error of a part of a batch.
type Problem struct {
	Status   string              `json:"status"`
	Message  string              `json:"message"`
	Category string              `json:"category"`
	Context  map[string][]string `json:"context"`
}

// ErrNotFound means that there is no such object.
var ErrNotFound = errors.New("HubSpot has no such object")

// ErrConflict means that it is there already.
var ErrConflict = errors.New("HubSpot has it already")

func readProblem(status int, answer []byte) error {
	var p Problem
	_ = json.Unmarshal(answer, &p) // what can't be read says nothing
	switch {
	case status == http.StatusForbidden && p.Category == "MISSING_SCOPES":
		return &integrations.NeedsYou{Reason: integrations.Refused, Detail: "HubSpot says that permissions are missing; connect again and allow all that is asked for"}
	case status == http.StatusForbidden:
		return &integrations.NeedsYou{Reason: integrations.Refused, Detail: "HubSpot doesn't let us do this"}
	case status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusConflict:
		return ErrConflict
	case status == http.StatusBadRequest && p.Category == "VALIDATION_ERROR" && strings.Contains(p.Message, "PROPERTY_DOESNT_EXIST"):
		return &integrations.NeedsYou{Reason: integrations.Mapping, Detail: "a mapped property doesn't exist in HubSpot any more"}
	}
	return nil
}

func (c *Client) path(area, rest string) string {
	return c.base + "/" + area + "/" + Version + "/" + rest
}

func (c *Client) do(ctx context.Context, method, url string, in, out any) (int, error) {
	return c.caller.Do(ctx, method, url, in, out)
}

// Account says which one the connection leads to.
type Account struct {
	PortalID int64  `json:"portalId"`
	Domain   string `json:"uiDomain"`
	TimeZone string `json:"timeZone"`
	Type     string `json:"accountType"`
}

// ID is what webhooks call it.
func (a Account) ID() string { return strconv.FormatInt(a.PortalID, 10) }

// GetAccount returns it; it proves that the credentials work.
func (c *Client) GetAccount(ctx context.Context) (a Account, err error) {
	_, err = c.do(ctx, http.MethodGet, c.path("account-info", "details"), nil, &a)
	return a, err
}

// Property is a field of HubSpot's objects.
type Property struct {
	Name      string `json:"name"`
	Label     string `json:"label"`
	Type      string `json:"type"` // string, number, date, datetime, enumeration, bool
	FieldType string `json:"fieldType"`
	Hidden    bool   `json:"hidden"`
	Archived  bool   `json:"archived"`
	Unique    bool   `json:"hasUniqueValue"`
	Options   []struct {
		Label string `json:"label"`
		Value string `json:"value"`
	} `json:"options"`
	Modification struct {
		ReadOnly bool `json:"readOnlyValue"`
	} `json:"modificationMetadata"`
}

// ListProperties lists those of a type of object.
func (c *Client) ListProperties(ctx context.Context, objects string) ([]Property, error) {
	var out struct {
		Results []Property `json:"results"`
	}
	_, err := c.do(ctx, http.MethodGet, c.path("crm/properties", objects), nil, &out)
	return out.Results, err
}

// EnsureUnique makes the property by which records of ours are found again, where there is none.
func (c *Client) EnsureUnique(ctx context.Context, objects, name, label string) error {
	_, err := c.do(ctx, http.MethodGet, c.path("crm/properties", objects+"/"+name), nil, nil)
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	const group = "outrider"
	_, err = c.do(ctx, http.MethodPost, c.path("crm/properties", objects+"/groups"), map[string]any{"name": group, "label": "Outrider"}, nil)
	if err != nil && !errors.Is(err, ErrConflict) {
		return err
	}
	_, err = c.do(ctx, http.MethodPost, c.path("crm/properties", objects), map[string]any{"name": name, "label": label, "groupName": group, "type": "string", "fieldType": "text", "hasUniqueValue": true}, nil)
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// Owner is a user that contacts belong to.
type Owner struct {
	ID        string `json:"id"`
	Email     string `json:"email"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
}

// Name is what people call them.
func (o Owner) Name() string {
	if name := strings.TrimSpace(o.FirstName + " " + o.LastName); name != "" {
		return name
	}
	return o.Email
}

type paging struct {
	Next *struct {
		After string `json:"after"`
	} `json:"next"`
}

func (p *paging) after() string {
	if p == nil || p.Next == nil {
		return ""
	}
	return p.Next.After
}

// mostPages bounds what is paged through where an account can't have more.
const mostPages = 100

// ListOwners lists all owners.
func (c *Client) ListOwners(ctx context.Context) (all []Owner, err error) {
	after := ""
	for range mostPages {
		var out struct {
			Results []Owner `json:"results"`
			Paging  *paging `json:"paging"`
		}
		q := url.Values{"limit": {"100"}}
		if after != "" {
			q.Set("after", after)
		}
		if _, err := c.do(ctx, http.MethodGet, c.base+"/crm/owners/"+Version+"?"+q.Encode(), nil, &out); err != nil {
			return nil, err
		}
		all = append(all, out.Results...)
		if after = out.Paging.after(); after == "" {
			break
		}
	}
	return all, nil
}
