// Package imports brings files of leads into organisations, and takes them out again.
package imports

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/blob"
	"outrider/internal/csvfile"
	"outrider/internal/es"
	"outrider/internal/es/gateway"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/projections"
)

const (
	// keepFile is how long the raw file can be read; its key is destroyed then.
	keepFile = 7 * 24 * time.Hour
	// chunksAtOnce are sealed, on their way to an answer, or not in the read model yet, at the same time: the rows that an
	// import may be ahead of what can be seen of it, 500 each.
	chunksAtOnce = 10
	// behindAtMost is how long a chunk waits for the read model; an import goes on without one that has stopped.
	behindAtMost = 5 * time.Second
)

// Config is what the importer works with.
type Config struct {
	Vault    *pii.Vault
	Bucket   *blob.Bucket
	Commands reaction.Commander
	Reads    *pgxpool.Pool                                                // as the api role
	Position func(ctx context.Context, partition int32, pseq int64) error // waits until the leads' read model has come there
	Now      func() time.Time
	Log      *slog.Logger
}

// Imports bring files of leads into organisations, and take them out again. All steps can be repeated: chunk commands
// have ids that follow from the import and the chunk's number.
type Imports struct {
	Config
}

// New makes an importer; an error names what is missing.
func New(c Config) (*Imports, error) {
	if err := (reaction.Required{"vault": c.Vault != nil, "bucket": c.Bucket != nil, "commands": c.Commands != nil, "reads": c.Reads != nil, "position": c.Position != nil, "now": c.Now != nil, "log": c.Log != nil}).Check("importer"); err != nil {
		return nil, err
	}
	return &Imports{Config: c}, nil
}

// Upload is what a person says of a file.
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
}

// ErrFile is a file that can't be imported; its text says why, for the person who sent it.
var ErrFile = errors.New("the file can't be imported")

// Begin stores a file, encrypted, looks at its beginning and requests the import; the rows are read by Run afterwards.
// Asked again for the same import it stores nothing and submits the command again, so that the answer is the remembered one.
func (i *Imports) Begin(ctx context.Context, u Upload, file io.Reader) (commands.RequestImport, es.Answer, error) {
	var none commands.RequestImport
	name := blobName(u.Org, u.ImportID)
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
	return request, answer, err
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
	request = commands.RequestImport{ImportRef: events.ImportRef{ImportID: u.ImportID}, FileName: u.FileName, Bytes: size, Blob: name, Charset: h.Charset, Delimiter: h.Delimiter,
		Mapping: h.Mapping, DryRun: u.DryRun, OnDuplicate: u.OnDuplicate, Source: u.Source, LawfulBasis: u.LawfulBasis, Tags: u.Tags, TimeZone: u.TimeZone}
	c := u.Command
	c.Org = u.Org
	if c.Type, c.Data, err = commands.Encode(request); err != nil {
		return request, es.Answer{}, err
	}
	a, err := i.Commands.Submit(ctx, &c)
	return request, a, err
}

func blobName(org, importID uuid.UUID) string {
	return "imports/" + org.String() + "/" + importID.String()
}

// Run reads a requested import's file to its end. cause is the import.requested event.
func (i *Imports) Run(ctx context.Context, cause *es.Event, req events.ImportRequested) error {
	key, err := i.Vault.ImportKey(ctx, cause.Org, req.ImportID)
	if errors.Is(err, pii.ErrNotFound) {
		return i.failImport(ctx, cause, req.ImportID, "the file's key was destroyed before it was read")
	}
	if err != nil {
		return err
	}
	r, err := i.Bucket.ReadSealed(ctx, req.Blob, key)
	if errors.Is(err, blob.ErrNotFound) {
		return i.failImport(ctx, cause, req.ImportID, "the file is gone")
	}
	if err != nil {
		return fmt.Errorf("import %s: %w", req.ImportID, err)
	}
	defer func() { _ = r.Close() }()
	var delimiter rune
	for _, d := range req.Delimiter {
		delimiter = d
	}
	f, err := csvfile.Open(r, csvfile.Options{Charset: req.Charset, Delimiter: delimiter, Mapping: req.Mapping})
	if err != nil {
		return i.failImport(ctx, cause, req.ImportID, err.Error())
	}
	err = i.recordChunks(ctx, cause, req, f)
	var stop *stoppedError
	switch {
	case errors.As(err, &stop) && stop.code == commands.CodeImportClosed:
		return nil // undone or completed meanwhile
	case errors.As(err, &stop):
		return i.failImport(ctx, cause, req.ImportID, stop.Error())
	case err != nil:
		return err
	}
	_, err = i.submitStep(ctx, cause, req.ImportID, "complete", commands.CompleteImport{ImportID: req.ImportID})
	return err
}

// stoppedError is an answer that ends an import.
type stoppedError struct{ code string }

func (s *stoppedError) Error() string { return "refused: " + s.code }

// chunk is what becomes one command.
type chunk struct {
	number, firstRow int
	people           []*person
	refused          []events.RefusedRow
	bytes            int // about what its command will take
}

// maxChunk bounds a chunk's command, in bytes; 500 usual rows take half of it.
const maxChunk = 512 << 10

// isFull says whether another row might be too much.
func (c *chunk) isFull() bool {
	return len(c.people)+len(c.refused) == commands.MaxItems || c.bytes > maxChunk
}

func (i *Imports) recordChunks(ctx context.Context, cause *es.Event, req events.ImportRequested, f *csvfile.Reader) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(chunksAtOnce)
	d := importDefaults{req.Source, req.LawfulBasis, req.TimeZone, req.Tags}
	rows := newRowReader(withMapping(f.Head(), req.Mapping))
	next, seen := &chunk{number: 1}, addressSet{}
	flush := func() {
		c := next
		next = &chunk{number: c.number + 1}
		g.Go(func() error { return i.recordChunk(ctx, cause, req, c, d) })
	}
	var readErr error
	for ctx.Err() == nil {
		row, err := f.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if refused, ok := rowError(err); ok {
			next.startAt(refused.Row)
			next.refused = append(next.refused, refused)
		} else if err != nil {
			readErr = &stoppedError{err.Error()}
			break
		} else {
			next.startAt(row.Number)
			p, code := rows.readPerson(row)
			if code == "" && req.DryRun && seen.addOrKnown(p.address) { // no lead comes of it that the next chunk could meet
				code = commands.RowDuplicateInFile
			}
			if code != "" {
				next.refused = append(next.refused, events.RefusedRow{Row: row.Number, Code: code})
			} else {
				next.people = append(next.people, p)
				next.bytes += p.commandBytes()
			}
		}
		if next.isFull() {
			flush()
		}
	}
	if len(next.people)+len(next.refused) > 0 && ctx.Err() == nil {
		flush()
	}
	return errors.Join(g.Wait(), readErr)
}

// addressSet are those of a file's rows so far, 16 bytes each.
type addressSet map[[16]byte]struct{}

func (a addressSet) addOrKnown(address string) bool {
	sum := sha256.Sum256([]byte(address))
	_, known := a[[16]byte(sum[:])]
	a[[16]byte(sum[:])] = struct{}{}
	return known
}

// withMapping takes the mapping that the import was requested with, whatever would be guessed today.
func withMapping(h csvfile.Head, mapping map[string]string) csvfile.Head {
	h.Mapping = mapping
	return h
}

func (c *chunk) startAt(row int) {
	if c.firstRow == 0 {
		c.firstRow = row
	}
}

func (i *Imports) recordChunk(ctx context.Context, cause *es.Event, req events.ImportRequested, c *chunk, d importDefaults) error {
	items, err := sealPeople(ctx, i.Vault, cause.Org, c.people, d, req.DryRun)
	if err != nil {
		return fmt.Errorf("import %s chunk %d: %w", req.ImportID, c.number, err)
	}
	a, err := i.submitStep(ctx, cause, req.ImportID, "chunk "+strconv.Itoa(c.number), commands.ImportLeads{ImportID: req.ImportID, Chunk: c.number, FirstRow: c.firstRow,
		Rows: len(items) + len(c.refused), DryRun: req.DryRun, OnDuplicate: req.OnDuplicate, Items: items, Rejected: c.refused})
	if err != nil {
		return err
	}
	// Not faster than the read model: everybody on this partition waits behind what an import puts there.
	patient, cancel := context.WithTimeout(ctx, behindAtMost)
	defer cancel()
	if err := i.Position(patient, a.Partition, a.Pseq); err != nil && ctx.Err() == nil {
		i.Log.Warn("the leads' read model is slower than an import", "import", req.ImportID, "chunk", c.number, "error", err)
	}
	return nil
}

func (i *Imports) failImport(ctx context.Context, cause *es.Event, importID uuid.UUID, reason string) error {
	if len(reason) > 500 {
		reason = reason[:500]
	}
	_, err := i.submitStep(ctx, cause, importID, "fail", commands.FailImport{ImportID: importID, Reason: reason})
	return err
}

// submitStep sends a command until it has an answer; a refusal is *stoppedError.
func (i *Imports) submitStep(ctx context.Context, cause *es.Event, importID uuid.UUID, step string, c commands.Command) (es.Answer, error) {
	why := reaction.CausedBy(cause, "")
	why.Actor = cause.Actor // who asked for the import
	a, err := reaction.Submit(ctx, i.Commands, why, es.DeriveID(importID, step), i.Now(), c)
	if err != nil {
		return es.Answer{}, fmt.Errorf("import %s %s: %w", importID, step, err)
	}
	if a.Outcome == es.Refused {
		return a, &stoppedError{a.Code}
	}
	return a, nil
}

// Undo takes out what an import brought, except what somebody has used since.
func (i *Imports) Undo(ctx context.Context, cause *es.Event, importID uuid.UUID) error {
	if err := i.Position(ctx, cause.Partition, cause.Pseq); err != nil {
		return fmt.Errorf("undo import %s: %w", importID, err)
	}
	after, n := int64(0), 1
	for {
		var leads []*projections.Lead
		err := postgres.InOrg(ctx, i.Reads, cause.Org, func(tx pgx.Tx) (err error) {
			leads, err = projections.ImportedLeads(ctx, tx, cause.Org, importID, after, commands.MaxItems)
			return err
		})
		if err != nil {
			return fmt.Errorf("undo import %s: %w", importID, err)
		}
		if len(leads) == 0 {
			break
		}
		ids := make([]uuid.UUID, len(leads))
		for k, l := range leads {
			ids[k] = l.LeadID
		}
		after = leads[len(leads)-1].Oseq
		// A resumed undo finds the numbers of the first attempt taken: it goes on to the next free one.
		for outcome := es.Noop; outcome == es.Noop; n++ {
			var a es.Answer
			if a, err = i.submitStep(ctx, cause, importID, "undo "+strconv.Itoa(n), commands.UndoImportChunk{ImportID: importID, Chunk: n, LeadIDs: ids}); err != nil {
				return err
			}
			outcome = a.Outcome
		}
	}
	_, err := i.submitStep(ctx, cause, importID, "undone", commands.CompleteUndo{ImportID: importID})
	return err
}
