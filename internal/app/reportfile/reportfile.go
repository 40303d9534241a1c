// Package reportfile makes the files of reports, and says where they lie.
package reportfile

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/parquet-go/parquet-go"

	"outrider/events"
	"outrider/internal/csvfile"
)

// Folder is where the files of an organisation lie in the bucket.
func Folder(org uuid.UUID) string { return "reports/" + org.String() + "/" }

// FolderOf is where the files of a report lie.
func FolderOf(org, report uuid.UUID) string { return Folder(org) + report.String() + "/" }

// Name of a file in the bucket.
func Name(org, report, run uuid.UUID, format string) string {
	return FolderOf(org, report) + run.String() + "." + format
}

// MediaType of a format.
func MediaType(format string) string {
	switch format {
	case events.ReportCSV:
		return "text/csv; charset=utf-8"
	case events.ReportHTML:
		return "text/html; charset=utf-8"
	}
	return "application/vnd.apache.parquet"
}

// Figure is one figure of one group: a row of the file.
type Figure struct {
	First       string  `parquet:"first"` // what the first key is called
	FirstKey    string  `parquet:"first_key"`
	Second      string  `parquet:"second"`
	SecondKey   string  `parquet:"second_key"`
	Metric      string  `parquet:"metric"`
	Count       int64   `parquet:"count"`
	Of          int64   `parquet:"of"`
	Denominator string  `parquet:"denominator"`
	Rate        float64 `parquet:"rate"`
	Low         float64 `parquet:"low"`
	High        float64 `parquet:"high"`
	Settling    int64   `parquet:"settling"`
	Total       bool    `parquet:"total"` // of everything that the filter lets through
}

// Table is what a report found.
type Table struct {
	Name         string
	Organization string
	Query        events.ReportQuery
	From, To     string
	TimeZone     string
	MadeAt       time.Time
	Figures      []Figure // by group; the total last
}

// Write writes a file of a format.
func (t Table) Write(ctx context.Context, format string, w io.Writer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	switch format {
	case events.ReportCSV:
		return t.writeCSV(w)
	case events.ReportHTML:
		return t.writePage(w)
	case events.ReportParquet:
		to := parquet.NewGenericWriter[Figure](w)
		if _, err := to.Write(t.Figures); err != nil {
			return fmt.Errorf("write parquet: %w", err)
		}
		if err := to.Close(); err != nil {
			return fmt.Errorf("write parquet: %w", err)
		}
		return nil
	}
	return fmt.Errorf("there is no format %q", format)
}

func (t Table) writeCSV(w io.Writer) error {
	to := csv.NewWriter(w)
	_ = to.Write([]string{"first", "first_key", "second", "second_key", "metric", "count", "of", "denominator", "rate", "low", "high", "settling", "total"}) // Flush says it
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	for _, f := range t.Figures {
		if err := to.Write([]string{csvfile.ProtectCell(f.First), csvfile.ProtectCell(f.FirstKey), csvfile.ProtectCell(f.Second), csvfile.ProtectCell(f.SecondKey), f.Metric, strconv.FormatInt(f.Count, 10),
			strconv.FormatInt(f.Of, 10), f.Denominator, number(f.Rate), number(f.Low), number(f.High), strconv.FormatInt(f.Settling, 10), strconv.FormatBool(f.Total)}); err != nil {
			return fmt.Errorf("write csv: %w", err)
		}
	}
	to.Flush()
	if err := to.Error(); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	return nil
}
