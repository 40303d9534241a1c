package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/blob"
	"outrider/internal/csvfile"
	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/projections"
)

// Inspect reads the beginning of a file as Begin would, and keeps nothing of it.
func (i *Imports) Inspect(file io.Reader, o csvfile.Options) (csvfile.Head, []csvfile.Row, error) {
	f, err := csvfile.Open(file, o)
	if err != nil {
		return csvfile.Head{}, nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	var rows []csvfile.Row
	for len(rows) < csvfile.HeadRows {
		row, err := f.Next()
		if _, ok := rowError(err); ok {
			continue
		}
		if err != nil {
			break // the import will report what is wrong further on
		}
		row.Values = append([]string(nil), row.Values...)
		rows = append(rows, row)
	}
	return f.Head(), rows, nil //nolint:nilerr // the beginning could be read
}

// Commit imports the file of a dry run as it was read there. It returns blob.ErrNotFound when the file is gone by now.
func (i *Imports) Commit(ctx context.Context, dry *projections.Import, importID uuid.UUID, command es.Command) (commands.RequestImport, es.Answer, error) {
	r, o, err := i.openStored(ctx, dry)
	if err != nil {
		return commands.RequestImport{}, es.Answer{}, err
	}
	defer func() { _ = r.Close() }()
	return i.Begin(ctx, Upload{Org: dry.OrgID, ImportID: importID, Command: command, FileName: dry.FileName, Options: o, OnDuplicate: dry.OnDuplicate, Source: dry.Source,
		LawfulBasis: dry.LawfulBasis, Tags: dry.Tags, TimeZone: dry.TimeZone, DryRunID: dry.ImportID, LeftOut: dry.LeftOut}, r)
}

// openStored opens the file of an import with the options that it was read with.
func (i *Imports) openStored(ctx context.Context, of *projections.Import) (io.ReadCloser, csvfile.Options, error) {
	o := csvfile.Options{Charset: of.Charset, HeaderRow: of.HeaderRow, Exact: true}
	for _, d := range of.Delimiter {
		o.Delimiter = d
	}
	if err := es.Unmarshal(of.Mapping, &o.Mapping); err != nil {
		return nil, o, fmt.Errorf("read mapping: %w", err)
	}
	key, err := i.Vault.ImportKey(ctx, of.OrgID, of.ImportID)
	if errors.Is(err, pii.ErrNotFound) {
		return nil, o, fmt.Errorf("%w: its key is destroyed", blob.ErrNotFound)
	}
	if err != nil {
		return nil, o, err
	}
	r, err := i.Bucket.ReadSealed(ctx, of.Blob, key)
	if err != nil {
		return nil, o, fmt.Errorf("open the file of import %s: %w", of.ImportID, err)
	}
	return r, o, nil
}

// File is an import's file, whose rows can be looked up in their order.
type File struct {
	stored io.ReadCloser
	reader *csvfile.Reader
	email  int // column
	row    csvfile.Row
	ended  bool
}

// Rows looks up rows of a file in their order.
type Rows interface {
	Columns() []string
	// Find returns the cells of a row, valid until the next call, and what is wrong with its address; nil where they are gone, or can't
	// be read.
	Find(row int) (cells []string, reason string)
	Close() error
}

// OpenRows gives the rows of a file, or those that are kept of it; blob.ErrNotFound when all is gone.
func (i *Imports) OpenRows(ctx context.Context, of *projections.Import) (Rows, error) {
	f, err := i.openFile(ctx, of)
	if err == nil {
		return f, nil
	}
	if !errors.Is(err, blob.ErrNotFound) {
		return nil, err
	}
	return i.openKept(ctx, of)
}

// openFile returns blob.ErrNotFound when the file is gone.
func (i *Imports) openFile(ctx context.Context, of *projections.Import) (*File, error) {
	r, o, err := i.openStored(ctx, of)
	if err != nil {
		return nil, err
	}
	f, err := csvfile.Open(r, o)
	if err != nil {
		_ = r.Close()
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	file := &File{stored: r, reader: f, email: -1}
	for n, column := range f.Head().Columns {
		if o.Mapping[column] == csvfile.FieldEmail {
			file.email = n
		}
	}
	return file, nil
}

// Columns returns the names of the file's columns.
func (f *File) Columns() []string { return f.reader.Head().Columns }

// Close closes the file.
func (f *File) Close() error { return f.stored.Close() }

// Find returns the cells of a row, valid until the next call, and what is wrong with its address; nil where it can't be
// read. Rows are asked for in the order of the file.
func (f *File) Find(row int) (cells []string, reason string) {
	for !f.ended && f.row.Number < row {
		next, err := f.reader.Next()
		if _, one := rowError(err); one {
			continue
		}
		if err != nil {
			f.ended = true
			return nil, ""
		}
		f.row = next
	}
	if f.row.Number != row {
		return nil, ""
	}
	return f.row.Values, addressReason(f.row.Values, f.email)
}

// addressReason says what is wrong with the address in a column.
func addressReason(cells []string, column int) string {
	if column < 0 || column >= len(cells) {
		return ""
	}
	if _, err := pii.NormalizeAddress(csvfile.CleanCell(cells[column])); err != nil {
		return strings.TrimPrefix(err.Error(), pii.ErrAddress.Error()+": ")
	}
	return ""
}

// requestOf returns the command for what was found in a file.
func requestOf(u Upload, h csvfile.Head) commands.RequestImport {
	return commands.RequestImport{ImportRef: events.ImportRef{ImportID: u.ImportID}, FileName: u.FileName, Charset: h.Charset, Delimiter: h.Delimiter, Mapping: h.Mapping, DryRun: u.DryRun,
		OnDuplicate: u.OnDuplicate, Source: u.Source, LawfulBasis: u.LawfulBasis, Tags: u.Tags, TimeZone: u.TimeZone, HeaderRow: &h.HeaderRow, LeftOut: append(u.LeftOut, h.LeftOut...), DryRunID: u.DryRunID}
}
