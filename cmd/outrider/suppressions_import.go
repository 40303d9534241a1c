package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
)

type suppressionsImportCmd struct {
	APIAccess
	SubdomainChoice `embed:""`
	File            string `arg:"" type:"existingfile" help:"File with an address or a domain in each row; - = standard input."`
	Kind            string `default:"" enum:",address,domain" help:"address or domain; default: what each looks like." placeholder:"KIND"`
	Reason          string `default:"import" enum:"manual,unsubscribe,bounce,complaint,import" help:"Of rows that say none: manual, unsubscribe, bounce, complaint or import."`
	Charset         string `help:"Character set, as windows-1252; default: found out." placeholder:"NAME"`
	Delimiter       string `help:"What stands between values; tab for a tab; default: found out." placeholder:"CHAR"`
	HeaderRow       *int   `help:"Number of the row that names the columns; 0 = none does; default: found out." placeholder:"ROW"`
	JSON            bool   `help:"Print what the api says."`
}

// Run sends the file and prints what became of its rows.
func (c suppressionsImportCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.newClient(f, false)
	if err != nil {
		return err
	}
	bars := newBars(ctx)
	form := uploadForm{fields: c.fields(), file: c.File}
	report, _, err := sendForm(form, bars, func(contentType string, body io.Reader) (client.SuppressionImport, string, error) {
		return client.ReadDecided[client.SuppressionImport](api.ImportSuppressionsWithBody(ctx, nil, contentType, body))
	})
	if err != nil {
		return err
	}
	bars.Wait()
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(report)
	}
	fmt.Printf("%d rows: %d added, %d already suppressed, %d refused\n", report.Rows, report.Added, report.Already, report.Refused)
	for _, p := range report.Problems {
		if _, err := fmt.Printf("row %d: %q: %s\n", p.Row, p.Value, p.Reason); err != nil {
			return err
		}
	}
	return nil
}

// fields returns what was given, as the API names it.
func (c suppressionsImportCmd) fields() []formField {
	fields := appendField(nil, "kind", c.Kind)
	fields = appendField(fields, "reason", c.Reason)
	if c.Subdomains != nil {
		fields = appendField(fields, "subdomains", strconv.FormatBool(*c.Subdomains))
	}
	fields = appendField(fields, "charset", c.Charset)
	fields = appendField(fields, "delimiter", c.Delimiter)
	if c.HeaderRow != nil {
		fields = appendField(fields, "header_row", strconv.Itoa(*c.HeaderRow))
	}
	return fields
}
