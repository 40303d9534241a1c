// Package admin is what an operator asks of the API on the command line, by a platform key.
package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/google/uuid"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
)

// Commands are those of `outrider admin`.
type Commands struct {
	Orgs        orgsCmd        `cmd:"" help:"Find organisations."`
	Org         orgCmd         `cmd:"" help:"Print an organisation, its usage and members."`
	People      peopleCmd      `cmd:"" help:"Find people."`
	Person      personCmd      `cmd:"" help:"Print a person and what they are a member of."`
	Suspend     suspendCmd     `cmd:"" help:"Suspend an organisation: it can be read, and what runs can be stopped."`
	Activate    activateCmd    `cmd:"" help:"Let a suspended organisation go on."`
	Billing     billingCmd     `cmd:"" help:"What is sold, and whether the payment provider and we agree."`
	Flags       flagsCmd       `cmd:"" help:"Feature flags: who has which, and why."`
	Plan        planCmd        `cmd:"" help:"Set an organisation's plan."`
	Delete      deleteCmd      `cmd:"" help:"Delete an organisation; for thirty days it can be restored."`
	Restore     restoreCmd     `cmd:"" help:"Take the deletion of an organisation back."`
	EndSessions endSessionsCmd `cmd:"" help:"End all sessions of a person."`
	Keys        keysCmd        `cmd:"" help:"List the API keys of an organisation."`
	RevokeKey   revokeKeyCmd   `cmd:"" help:"Revoke an API key of an organisation."`
	Impersonate impersonateCmd `cmd:"" help:"Print a token that reads as a member for a while. The organisation sees the reason, and what was asked for."`
}

// access says which API is meant.
type access struct {
	URL string `help:"Address of the API; default: that of the 'outrider dev' running on --data." placeholder:"URL"`
	Key string `help:"Platform key; default: likewise." placeholder:"KEY"`
}

func (a access) open(f *node.Folder) (*client.Client, error) {
	if a.URL == "" || a.Key == "" {
		r, err := node.FindRunning(f.Data)
		if err != nil {
			return nil, err
		}
		if a.URL == "" {
			a.URL = r.URL
		}
		if a.Key == "" {
			a.Key = r.PlatformKey
		}
	}
	return client.Open(a.URL, a.Key, nil), nil
}

// onOrg is a command about an organisation.
type onOrg struct {
	access
	Org uuid.UUID `arg:"" help:"Id of the organisation."`
}

// onPerson is a command about a person.
type onPerson struct {
	access
	Person uuid.UUID `arg:"" help:"Id of the person."`
}

// printJSON prints an answer as it is, indented.
func printJSON(res *http.Response, err error) error {
	v, _, err := client.ReadDecided[json.RawMessage](res, err)
	if err != nil {
		return err
	}
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("print answer: %w", err)
	}
	_, err = fmt.Fprintf(os.Stdout, "%s\n", out)
	return err
}

func orNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

type orgsCmd struct {
	access
	Text   string `arg:"" optional:"" help:"In slug or name."`
	Status string `help:"active, past_due, suspended, cancelled or deleted." placeholder:"STATUS"`
	Plan   string `help:"Name of a plan." placeholder:"PLAN"`
}

// Run prints a line for each, all pages.
func (c orgsCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	ask := &client.ListAdminOrganizationsParams{Q: orNil(c.Text), Plan: orNil(c.Plan), Limit: new(100)}
	if c.Status != "" {
		ask.Status = new(client.ListAdminOrganizationsParamsStatus(c.Status))
	}
	for {
		page, _, err := client.Read[client.AdminOrganizationPage](api.ListAdminOrganizations(ctx, ask))
		if err != nil {
			return err
		}
		for _, o := range page.Data {
			status := string(o.Organization.Status)
			if o.Organization.EraseAt != nil {
				status = "deleted"
			}
			fmt.Printf("%s  %-24s %-10s %-10s %d members, %d keys, %d leads, %d mails, %d requests\n", o.Organization.ID, o.Organization.Slug, o.Organization.Plan, status,
				o.Usage.Seats, o.Keys, o.Usage.LeadsProcessed, o.Usage.EmailsSent, o.Usage.APICalls)
		}
		if page.NextCursor == nil {
			return nil
		}
		ask.Cursor = page.NextCursor
	}
}

type orgCmd struct{ onOrg }

// Run prints what the API says.
func (c orgCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	return printJSON(api.GetAdminOrganization(ctx, c.Org, nil))
}

type peopleCmd struct {
	access
	Text string `arg:"" optional:"" help:"In the address or the names."`
}

// Run prints a line for each, all pages.
func (c peopleCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	ask := &client.ListAdminPeopleParams{Q: orNil(c.Text), Limit: new(100)}
	for {
		page, _, err := client.Read[client.AdminPersonPage](api.ListAdminPeople(ctx, ask))
		if err != nil {
			return err
		}
		for _, p := range page.Data {
			var of []string
			for _, m := range p.Memberships {
				of = append(of, m.OrganizationName+" ("+m.Role+")")
			}
			fmt.Printf("%s  %-32s %d sessions  %s\n", p.ID, p.Email, p.Sessions, strings.Join(of, ", "))
		}
		if page.NextCursor == nil {
			return nil
		}
		ask.Cursor = page.NextCursor
	}
}

type personCmd struct{ onPerson }

// Run prints what the API says.
func (c personCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	return printJSON(api.GetAdminPerson(ctx, c.Person))
}

type endSessionsCmd struct{ onPerson }

// Run ends them.
func (c endSessionsCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	_, _, err = client.Read[any](api.EndAdminSessions(ctx, c.Person))
	return err
}

type impersonateCmd struct {
	onOrg
	Person  uuid.UUID `arg:"" help:"Id of a member."`
	Reason  string    `required:"" help:"Why, in a sentence that the organisation sees."`
	Minutes int       `default:"15" help:"For how long: 1 to 60."`
}

// Run prints the token.
func (c impersonateCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	given, _, err := client.ReadDecided[client.Impersonation](api.ImpersonateMember(ctx, nil, client.ImpersonationCreate{OrganizationID: c.Org, PersonID: c.Person, Reason: c.Reason, Minutes: &c.Minutes}))
	if err != nil {
		return err
	}
	if given.AccessToken == "" {
		return errors.New("the api gave no token")
	}
	fmt.Fprintf(os.Stderr, "reads as a %s until %s\n", given.Role, given.ExpiresAt.Format("15:04:05 MST"))
	_, err = fmt.Fprintln(os.Stdout, given.AccessToken)
	return err
}
