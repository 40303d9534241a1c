package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
)

type orgsCreateCmd struct {
	APIAccess
	Slug          string `arg:"" help:"Short name, unique among all."`
	Name          string `help:"Its name; default: the slug."`
	Plan          string `default:"starter" help:"starter, growth, scale or enterprise."`
	TimeZone      string `default:"UTC" help:"IANA zone."`
	PostalAddress string `help:"Stands below each e-mail."`
}

// Run creates an organisation and prints what the api says of it.
func (c orgsCreateCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.newClient(f, true)
	if err != nil {
		return err
	}
	if c.Name == "" {
		c.Name = c.Slug
	}
	ask := client.OrganizationCreate{Slug: c.Slug, Name: c.Name, Plan: &c.Plan, TimeZone: &c.TimeZone, PostalAddress: given(c.PostalAddress)}
	org, _, err := client.ReadDecided[json.RawMessage](api.CreateOrganization(ctx, nil, ask))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(os.Stdout, "%s\n", org)
	return err
}
