package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"outrider/internal/app/client"
)

// shownRows and shownRunes bound what is printed of a file that is looked at.
const (
	shownRows  = 5
	shownRunes = 24
)

// inspect prints what an import would make of the file.
func (c leadsImportCmd) inspect(ctx context.Context, api *client.Client) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	bars := newBars(ctx)
	found, _, err := sendForm(form, bars, func(contentType string, body io.Reader) (client.ImportInspection, string, error) {
		return client.Read[client.ImportInspection](api.InspectImportWithBody(ctx, contentType, body))
	})
	if err != nil {
		return err
	}
	bars.Wait()
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(found)
	}
	return printInspection(os.Stdout, found)
}

// printInspection has a line for each column of the file.
func printInspection(w io.Writer, f client.ImportInspection) error {
	form := []string{string(f.Format)}
	if f.Charset != nil {
		form = append(form, "charset "+*f.Charset)
	}
	if f.Delimiter != nil {
		form = append(form, "delimiter "+strconv.Quote(*f.Delimiter))
	}
	header := "no row names the columns"
	if f.HeaderRow > 0 {
		header = fmt.Sprintf("row %d names the columns", f.HeaderRow)
	}
	fmt.Fprintln(w, strings.Join(append(form, header), ", "))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	head := []string{"COLUMN", "FIELD"}
	if f.Rows != nil {
		for _, n := range (*f.Rows)[:min(len(*f.Rows), shownRows)] {
			head = append(head, "ROW "+strconv.Itoa(n))
		}
	}
	fmt.Fprintln(t, strings.Join(head, "\t"))
	for _, c := range f.Columns {
		line := []string{shorten(c.Name), "-"}
		if c.Field != nil {
			line[1] = *c.Field
		}
		for _, v := range c.Values[:min(len(c.Values), shownRows)] {
			line = append(line, shorten(v))
		}
		fmt.Fprintln(t, strings.Join(line, "\t"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	return printLeftOut(w, f.LeftOut)
}

// shorten makes a value fit into its line.
func shorten(v string) string {
	v = strings.Join(strings.Fields(v), " ")
	if runes := []rune(v); len(runes) > shownRunes {
		v = string(runes[:shownRunes-1]) + "…"
	}
	return v
}

// printImport prints the counts of an import and what it left out.
func printImport(w io.Writer, i client.Import) error {
	kind := "import"
	if i.DryRun {
		kind = "dry run"
	}
	fmt.Fprintf(w, "%s %s %s: %d rows, %d created, %d updated, %d duplicates, %d rejected, %d suppressed\n", kind, i.ID, i.Status, i.Rows, i.Created, i.Updated, i.Duplicates, i.Rejected, i.Suppressed)
	return printLeftOut(w, i.LeftOut)
}

func printLeftOut(w io.Writer, leftOut []client.ImportLeftOut) error {
	for _, l := range leftOut {
		what := "column"
		if l.Column != nil {
			what = "column " + strconv.Quote(*l.Column)
		}
		if l.Field != nil {
			what = *l.Field
		}
		if l.Rows != nil {
			what = fmt.Sprintf("%s of %d rows", what, *l.Rows)
		}
		if _, err := fmt.Fprintf(w, "left out: %s: %s\n", what, cmp.Or(l.Reason, l.Code)); err != nil {
			return err
		}
	}
	return nil
}
