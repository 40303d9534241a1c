// Package salesforce speaks to Salesforce's REST API: what Outrider uses of it, in one version.
package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"outrider/internal/crmapi"
	"outrider/internal/integrations"
	"outrider/internal/mail/mailoauth"
)

// Version of the API.
const Version = "62.0"

const (
	// Name of the provider.
	Name = "salesforce"
	// Login is where people sign in.
	Login = "https://login.salesforce.com"

	data = "/services/data/v" + Version
)

// Scopes that are asked for.
func Scopes() []string { return []string{"api", "id", "refresh_token"} }

// Provider is Salesforce for a registry; login takes the place of Login, for sandboxes and for tests; "" = it is that.
func Provider(client mailoauth.Client, login string) integrations.Provider {
	login = loginAt(login)
	return integrations.Provider{Name: Name, Kind: integrations.CRM, OAuth: mailoauth.Registration{Client: client, Auth: login + "/services/oauth2/authorize", Token: login + "/services/oauth2/token", Scopes: Scopes()}}
}

func loginAt(login string) string {
	if login == "" {
		return Login
	}
	return strings.TrimSuffix(login, "/")
}

// Rate at which an account is asked. What counts is its daily limit, which every answer tells of.
func Rate() integrations.Rate { return integrations.Rate{Most: 20, Window: time.Second} }

// Client asks as one connection. It is a crmapi.Service.
type Client struct {
	crmapi.Clock

	instance string
	caller   integrations.Caller
	spent    atomic.Bool // little is left of what the account may be asked today
	objects  map[string]object
}

// New takes the URL of the account's instance, as its sign-in says it.
func New(instance string, c integrations.Caller) *Client {
	s := &Client{instance: strings.TrimSuffix(instance, "/"), caller: c, objects: map[string]object{}}
	if s.caller.Now == nil {
		s.caller.Now = time.Now
	}
	s.Now = s.caller.Now
	s.caller.Read = readProblem
	s.caller.Seen = func(r *http.Response) {
		s.Note(r)
		s.noteUsage(r.Header.Get("Sforce-Limit-Info"))
	}
	// Somebody of that address isn't there, so whoever a rule takes them for is somebody else. Rules that block still do.
	s.caller.Header = http.Header{"Sforce-Duplicate-Rule-Header": {"allowSave=true"}}
	return s
}

// Account says whose the credentials are.
type Account struct {
	OrganizationID string `json:"organization_id"`
	Username       string `json:"preferred_username"`
}

// GetAccount asks where people sign in.
func GetAccount(ctx context.Context, login string, c integrations.Caller) (a Account, err error) {
	c.Read = readProblem
	_, err = c.Do(ctx, http.MethodGet, loginAt(login)+"/services/oauth2/userinfo", nil, &a)
	return a, err
}

// Waits until an account that was asked too much is asked again.
const (
	pause     = 15 * time.Minute
	shareOurs = 90 // percent of the daily calls, of all programs together, after which we hold back
)

// noteUsage reads api-usage=18/5000.
func (c *Client) noteUsage(info string) {
	_, usage, _ := strings.Cut(info, "api-usage=")
	usage, _, _ = strings.Cut(usage, ";")
	used, most, _ := strings.Cut(strings.TrimSpace(usage), "/")
	n, err := strconv.ParseInt(used, 10, 64)
	m, err2 := strconv.ParseInt(most, 10, 64)
	if err == nil && err2 == nil && m > 0 {
		c.spent.Store(n*100 >= m*shareOurs)
	}
}

// ErrNotFound means that there is no such record.
var ErrNotFound = errors.New("the CRM has no such record")

// Codes of problems.
const (
	codeConverted = "CANNOT_UPDATE_CONVERTED_LEAD"
	codeLimit     = "REQUEST_LIMIT_EXCEEDED"
	codeSeveral   = "DUPLICATE_EXTERNAL_ID"
	codeOnce      = "INVALID_FIELD_FOR_INSERT_UPDATE"
)

// readProblem reads the list that an answer is that isn't a success. Every bad session is a 401, which isn't read here.
func readProblem(status int, answer []byte) error {
	var all []struct {
		Code    string `json:"errorCode"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(answer, &all) // what can't be read says nothing
	code := ""
	if len(all) > 0 {
		code = all[0].Code
	}
	switch {
	case code == codeLimit:
		return &integrations.Later{After: pause, Why: "the account has used up what it may be asked in a day"}
	case status == http.StatusForbidden:
		return &integrations.NeedsYou{Reason: integrations.Refused, Detail: "Salesforce doesn't let us do this; who has connected it needs the permission API Enabled, and may read and edit leads, contacts and tasks"}
	case status == http.StatusNotFound:
		return ErrNotFound
	case code == "INVALID_FIELD" || code == "INVALID_TYPE":
		return &integrations.NeedsYou{Reason: integrations.Mapping, Detail: "a mapped field, or the field " + Key + ", doesn't exist in Salesforce any more, or isn't shown to who has connected it"}
	}
	return nil
}

// do asks, unless little is left of what the account may be asked today: other programs need it, too. Urgent is what is asked nevertheless.
func (c *Client) do(ctx context.Context, urgent bool, method, path string, in, out any) (int, error) {
	if c.spent.Load() && !urgent {
		return 0, &integrations.Later{After: pause, Why: "nine tenths of what the account may be asked in a day are used up"}
	}
	return c.caller.Do(ctx, method, c.instance+path, in, out)
}

// record is one as queries return it.
type record map[string]any

func (r record) text(name string) string {
	var is any = r
	for part := range strings.SplitSeq(name, ".") {
		at, ok := is.(map[string]any)
		if !ok {
			if rec, isRecord := is.(record); isRecord {
				at = rec
			} else {
				return ""
			}
		}
		is = at[part]
	}
	switch v := is.(type) {
	case string:
		return strings.TrimSpace(v)
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// stamp is how instants are written.
const stamp = "2006-01-02T15:04:05.000Z0700"

func (r record) time(name string) time.Time {
	at, err := time.Parse(stamp, r.text(name))
	if err != nil {
		return time.Time{}
	}
	return at
}

// query returns a page of what a query finds, and the path of the next one.
func (c *Client) query(ctx context.Context, urgent bool, soql string) (all []record, next string, err error) {
	return c.queryPage(ctx, urgent, data+"/query?q="+url.QueryEscape(soql))
}

func (c *Client) queryPage(ctx context.Context, urgent bool, path string) (all []record, next string, err error) {
	var out struct {
		Records []record `json:"records"`
		Next    string   `json:"nextRecordsUrl"`
	}
	if _, err := c.do(ctx, urgent, http.MethodGet, path, nil, &out); err != nil {
		return nil, "", err
	}
	if out.Next != "" && !strings.HasPrefix(out.Next, "/services/data/") {
		return nil, "", errors.New("read page: the next one isn't of the account")
	}
	return out.Records, out.Next, nil
}

// quote returns a text as queries have it.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`).Replace(s) + "'"
}

// mostQuery bounds what a query lists: it is part of a URL.
const mostQuery = 8000

// among returns conditions that a field is one of some values, so many that each fits into a query.
func among(name string, values []string) (out []string) {
	var part []string
	size := 0
	flush := func() {
		if len(part) > 0 {
			out = append(out, name+" IN ("+strings.Join(part, ",")+")")
		}
		part, size = nil, 0
	}
	for _, v := range values {
		q := quote(v)
		if size+len(q) > mostQuery {
			flush()
		}
		part, size = append(part, q), size+len(q)+1
	}
	flush()
	return out
}

// field is a field of an object.
type field struct {
	Name       string `json:"name"`
	Label      string `json:"label"`
	Type       string `json:"type"`
	Updateable bool   `json:"updateable"`
	Createable bool   `json:"createable"`
	ExternalID bool   `json:"externalId"`
	Values     []struct {
		Value  string `json:"value"`
		Active bool   `json:"active"`
	} `json:"picklistValues"`
}

// object is what Salesforce says of one.
type object struct {
	fields []field
	named  map[string]field
}

// describe returns an object. It is asked for once.
func (c *Client) describe(ctx context.Context, name string) (o object, err error) {
	if is, ok := c.objects[name]; ok {
		return is, nil
	}
	var out struct {
		Fields []field `json:"fields"`
	}
	if _, err := c.do(ctx, false, http.MethodGet, data+"/sobjects/"+name+"/describe", nil, &out); err != nil {
		return o, fmt.Errorf("read fields of %s: %w", name, err)
	}
	o = object{out.Fields, map[string]field{}}
	for _, f := range out.Fields {
		o.named[f.Name] = f
	}
	c.objects[name] = o
	return o, nil
}

// saved is what became of one record of a batch.
type saved struct {
	ID      string `json:"id"`
	Success bool   `json:"success"`
	Errors  []struct {
		Code string `json:"statusCode"`
	} `json:"errors"`
}

func (s saved) code() string {
	if s.Success {
		return ""
	}
	for _, e := range s.Errors {
		if e.Code != "" {
			return e.Code
		}
	}
	return "UNKNOWN"
}

// save writes up to Batch records: of an object by a key of ours, or by their ids where object is "".
func (c *Client) save(ctx context.Context, urgent bool, object string, records []record) ([]saved, error) {
	path := data + "/composite/sobjects"
	if object != "" {
		path += "/" + object + "/" + Key
	}
	var out []saved
	if _, err := c.do(ctx, urgent, http.MethodPatch, path, map[string]any{"allOrNone": false, "records": records}, &out); err != nil {
		return nil, err
	}
	if len(out) != len(records) {
		return nil, &integrations.Later{After: time.Minute, Why: "Salesforce's answer isn't about what it was told"}
	}
	return out, nil
}
