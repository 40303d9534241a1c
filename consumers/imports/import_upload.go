package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/importfile"
	"outrider/internal/blob"
	"outrider/internal/charset"
	"outrider/internal/csvfile"
	"outrider/internal/es"
	"outrider/internal/es/gateway"
	"outrider/internal/pii"
	"outrider/projections"
)

// Upload is what the person who sends a file says about it.
type Upload struct {
	Org         uuid.UUID
	ImportID    uuid.UUID
	Command     es.Command        // id, actor, fingerprint and correlation of the request
	Seal        func(*es.Command) // completes Command once the file was read to its end; may be nil
	FileName    string
	Options     csvfile.Options
	DryRun      bool
	OnDuplicate string
	Source      string
	LawfulBasis string
	Tags        []string
	TimeZone    string
	DryRunID    uuid.UUID // of which this is the actual import
	LeftOut     []string  // columns that the dry run left out
	MaxRows     int64     // that the plan allows; 0 or less = any number
	Plan        string    // its name, for the refusal
}

// ErrFile reports that a file can't be imported; the error's text says why, for the person who sent it.
var ErrFile = errors.New("the file can't be imported")

// Begin stores a file, encrypted, looks at its beginning and requests the import; the rows are read by Run afterwards.
// For an import that was begun before it stores nothing and submits the command again, so that the answer is the same.
func (i *Imports) Begin(ctx context.Context, u Upload, file io.Reader) (commands.RequestImport, es.Answer, error) {
	var none commands.RequestImport
	name := importfile.Name(u.Org, u.ImportID)
	key, err := i.Vault.ImportKey(ctx, u.Org, u.ImportID)
	if errors.Is(err, pii.ErrNotFound) {
		key, err = i.Vault.CreateImportKey(ctx, u.Org, u.ImportID, time.Now().Add(keepFile)) // the vault goes by this machine's clock, also where time is simulated
	}
	if err != nil {
		return none, es.Answer{}, err
	}
	read := &countingReader{from: file}
	_, err = i.Bucket.WriteSealed(ctx, name, key, read)
	again := errors.Is(err, blob.ErrExists)
	if again {
		_, err = io.Copy(io.Discard, read)
	}
	if err != nil {
		return none, es.Answer{}, fmt.Errorf("store the file: %w", err)
	}
	if u.Seal != nil {
		u.Seal(&u.Command)
	}
	request, answer, err := i.requestImport(ctx, u, name, key, read.bytes)
	if !again && (err != nil && !errors.Is(err, gateway.ErrPending) || answer.Outcome == es.Refused || err == nil && answer.Subject != u.ImportID.String()) {
		if err := i.Bucket.Delete(context.WithoutCancel(ctx), name); err != nil { // nobody will read it
			i.Log.Warn("delete a file that is not imported", "blob", name, "error", err)
		}
	}
	if err == nil && !again {
		err = i.dropRepeated(ctx, u)
	}
	return request, answer, err
}

// dropRepeated deletes a file that was sent again after its import had ended.
func (i *Imports) dropRepeated(ctx context.Context, u Upload) error {
	im, err := i.readImport(ctx, u.Org, u.ImportID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err == nil && im.Status != projections.ImportRunning && !im.DryRun {
		err = i.deleteFile(ctx, u.Org, u.ImportID)
	}
	return err
}

// countingReader counts what is read through it.
type countingReader struct {
	from  io.Reader
	bytes int64
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	c.bytes += int64(n)
	return n, err
}

func (i *Imports) requestImport(ctx context.Context, u Upload, name string, key []byte, size int64) (commands.RequestImport, es.Answer, error) {
	var request commands.RequestImport
	r, err := i.Bucket.ReadSealed(ctx, name, key)
	if err != nil {
		return request, es.Answer{}, fmt.Errorf("read the stored file: %w", err)
	}
	defer func() { _ = r.Close() }()
	f, err := csvfile.Open(r, u.Options)
	if err != nil {
		return request, es.Answer{}, fmt.Errorf("%w: %w", ErrFile, err)
	}
	h := f.Head()
	if u.Options.Charset == "" && h.Charset == charset.UTF8 {
		if h.Charset, err = i.findLateCharset(ctx, name, key); err != nil {
			return request, es.Answer{}, err
		}
	}
	if err := checkRows(ctx, f, u); err != nil {
		return request, es.Answer{}, err
	}
	request = requestOf(u, h)
	request.Bytes, request.Blob = size, name
	c := u.Command
	c.Org = u.Org
	if c.Type, c.Data, err = commands.Encode(request); err != nil {
		return request, es.Answer{}, err
	}
	a, err := i.Commands.Submit(ctx, &c)
	return request, a, err
}

// findLateCharset reads on when the beginning of a file doesn't show its charset.
func (i *Imports) findLateCharset(ctx context.Context, name string, key []byte) (string, error) {
	r, err := i.Bucket.ReadSealed(ctx, name, key)
	if err != nil {
		return "", fmt.Errorf("read the stored file: %w", err)
	}
	defer func() { _ = r.Close() }()
	found, err := csvfile.FindCharset(r)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrFile, err)
	}
	return found, nil
}

// checkRows reads a file on, up to where it has more rows than the plan allows.
func checkRows(ctx context.Context, f *csvfile.Reader, u Upload) error {
	if u.MaxRows <= 0 {
		return nil
	}
	for n := int64(0); ctx.Err() == nil; n++ {
		if n > u.MaxRows {
			return es.Refuse(commands.CodeFileTooLarge, events.QuotaDetail{Limit: events.LimitImportRows, Max: u.MaxRows, Requested: n, Plan: u.Plan})
		}
		if _, err := f.Next(); err != nil {
			if _, one := rowError(err); !one {
				return nil // the end, or what the import will say
			}
		}
	}
	return ctx.Err()
}
