package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
)

type suppressionsCmd struct {
	Add    suppressionsAddCmd    `cmd:"" help:"Suppress addresses and domains."`
	Import suppressionsImportCmd `cmd:"" help:"Suppress what a file lists: CSV, lines of text or an Excel workbook."`
	List   suppressionsListCmd   `cmd:"" help:"List suppressions, newest first."`
	Remove suppressionsRemoveCmd `cmd:"" help:"Lift suppressions."`
}

// mostAdded is how many suppressions the API takes at once.
const mostAdded = 500

// SuppressionValues are given one by one or in a file.
type SuppressionValues struct {
	Values []string `arg:"" optional:"" name:"value" help:"As people write them: ann@example.com, example.com, *.example.com."`
	File   string   `short:"f" type:"existingfile" help:"File with one on each line; - = standard input." placeholder:"FILE"`
}

// read returns all values that were given.
func (c SuppressionValues) read() ([]string, error) {
	values := slices.Clone(c.Values)
	if c.File != "" {
		file, _, err := openInput(c.File)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			if v := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff")); v != "" {
				values = append(values, v)
			}
		}
		if err := lines.Err(); err != nil {
			return nil, fmt.Errorf("read %s: %w", c.File, err)
		}
	}
	if len(values) == 0 {
		return nil, errors.New("name an address or a domain, or a --file of them")
	}
	return values, nil
}

// SubdomainChoice says how far domains reach.
type SubdomainChoice struct {
	Subdomains *bool `negatable:"" help:"Suppress what lies below domains too, or not; default: yes, unless others have their domains there (github.io)."`
}

type suppressionsAddCmd struct {
	APIAccess
	SuppressionValues `embed:""`
	SubdomainChoice   `embed:""`
	Kind              string `default:"" enum:",address,domain" help:"address or domain; default: what each looks like." placeholder:"KIND"`
	Reason            string `default:"manual" enum:"manual,unsubscribe,bounce,complaint" help:"manual, unsubscribe, bounce or complaint."`
	JSON              bool   `help:"Print what the api says."`
}

// Run suppresses all values, at most 500 a request; each request does all of its own or none.
func (c suppressionsAddCmd) Run(ctx context.Context, f *node.Folder) error {
	values, err := c.read()
	if err != nil {
		return err
	}
	api, err := c.newClient(f, false)
	if err != nil {
		return err
	}
	all := client.SuppressionList{Data: []client.SuppressionRef{}}
	for chunk := range slices.Chunk(values, mostAdded) {
		some, _, err := client.ReadDecided[client.SuppressionList](api.AddSuppressions(ctx, nil, c.request(chunk)))
		if err != nil {
			return errors.Join(explainItems(err, chunk), c.print(all))
		}
		all.Data = append(all.Data, some.Data...)
	}
	return c.print(all)
}

func (c suppressionsAddCmd) request(values []string) client.SuppressionCreate {
	body := client.SuppressionCreate{}
	for _, v := range values {
		item := client.SuppressionItem{Value: v, Reason: new(client.SuppressionItemReason(c.Reason))}
		if c.Kind != "" {
			item.Kind = new(client.SuppressionKind(c.Kind))
		}
		if c.Subdomains != nil {
			item.Subdomains = c.Subdomains
		}
		body.Items = append(body.Items, item)
	}
	return body
}

// explainItems names the value that the API refuses by its place in the request.
func explainItems(err error, values []string) error {
	refusal, ok := client.RefusalIn(err)
	if !ok || refusal.Errors == nil {
		return err
	}
	var said []error
	for _, e := range *refusal.Errors {
		var i int
		if n, _ := fmt.Sscanf(e.Field, "items.%d.", &i); n == 1 && i < len(values) {
			said = append(said, fmt.Errorf("%q: %s", values[i], e.Reason))
		}
	}
	if len(said) == 0 {
		return err
	}
	return errors.Join(said...)
}

func (c suppressionsAddCmd) print(l client.SuppressionList) error {
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(l)
	}
	for _, s := range l.Data {
		if _, err := fmt.Printf("%s  %-7s  %s\n", s.ID, s.Kind, domainPattern(s.Value, s.Subdomains)); err != nil {
			return err
		}
	}
	return nil
}

// domainPattern shows by *. that a domain reaches what lies below it.
func domainPattern(value string, subdomains *bool) string {
	if subdomains != nil && *subdomains {
		return "*." + value
	}
	return value
}
