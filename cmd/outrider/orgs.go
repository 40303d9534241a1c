package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

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
	ask := map[string]string{"slug": c.Slug, "name": c.Name, "plan": c.Plan, "time_zone": c.TimeZone}
	if c.PostalAddress != "" {
		ask["postal_address"] = c.PostalAddress
	}
	b, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	var org json.RawMessage
	if err := api.Send(ctx, http.MethodPost, "/v1/organizations", "application/json", bytes.NewReader(b), &org); err != nil {
		return err
	}
	_, err = fmt.Fprintf(os.Stdout, "%s\n", org)
	return err
}
