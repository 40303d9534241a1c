package imports

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/suppressions"
	"outrider/internal/csvfile"
	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/internal/turns"
)

// chunk is the rows of one command.
type chunk struct {
	number, firstRow int
	people           []*person
	known            []knownRow
	refused          []events.RefusedRow
	warnings         []events.RowWarning
	bytes            int // about the size of its command
}

// knownRow is a row with an address that an earlier one or a lead has.
type knownRow struct {
	row           int
	code, address string
}

// size is how many rows it has.
func (c *chunk) size() int { return len(c.people) + len(c.known) + len(c.refused) }

// maxChunk bounds a chunk's command, in bytes; 500 usual rows take half of it.
const maxChunk = 512 << 10

// isFull reports whether another row might be too much.
func (c *chunk) isFull() bool {
	return c.size() == commands.MaxItems || c.bytes > maxChunk
}

func (i *Imports) recordChunks(ctx context.Context, cause *es.Event, req events.ImportRequested, f *csvfile.Reader) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(chunksAtOnce)
	if err := i.awaitLeads(ctx, cause, req); err != nil {
		return err
	}
	rows := newRowReader(f.Head(), req.Tags)
	next, seen := &chunk{number: 1}, addressSet{}
	subdomains, err := suppressions.NewSubdomains(i.Vault.Hasher)
	if err != nil {
		return err
	}
	flush := func() {
		c := next
		next = &chunk{number: c.number + 1}
		g.Go(func() error { return i.recordChunk(ctx, cause, req, c, subdomains) })
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
			next.addRow(row.Number, rows, row, req, seen)
		}
		if next.isFull() {
			flush()
		}
	}
	if next.size() > 0 && ctx.Err() == nil {
		flush()
	}
	return errors.Join(g.Wait(), readErr)
}

// addRow takes a row that can be read. What it does follows from the file alone: an import that is resumed cuts the same chunks.
func (c *chunk) addRow(number int, rows *rowReader, row csvfile.Row, req events.ImportRequested, seen addressSet) {
	p, code := rows.readPerson(row)
	if code != "" {
		c.refused = append(c.refused, events.RefusedRow{Row: number, Code: code})
		return
	}
	p.repeats = seen.addOrKnown(p.address)
	if p.repeats && (req.DryRun || req.OnDuplicate == events.DuplicateSkip) { // of a dry run no lead comes that the next chunk could meet
		c.known = append(c.known, knownRow{number, commands.RowDuplicateInFile, p.address})
		return
	}
	c.people = append(c.people, p)
	c.warnings = append(c.warnings, p.warnings...)
	c.bytes += p.commandBytes()
}

// addressSet are those of a file's rows so far, 8 bytes each of their hash.
type addressSet map[uint64]struct{}

// mostSeen bounds it. What comes behind is met among the leads.
const mostSeen = 2_000_000

func (a addressSet) addOrKnown(address string) bool {
	sum := sha256.Sum256([]byte(address))
	hash := binary.BigEndian.Uint64(sum[:])
	_, known := a[hash]
	if !known && len(a) < mostSeen {
		a[hash] = struct{}{}
	}
	return known
}

func (c *chunk) startAt(row int) {
	if c.firstRow == 0 {
		c.firstRow = row
	}
}

// tellOfSubdomains tells of the domains of a chunk before anybody at one becomes a lead. So does a dry run, which would otherwise
// count fewer suppressed rows than the import.
func (i *Imports) tellOfSubdomains(ctx context.Context, cause *es.Event, req events.ImportRequested, c *chunk, subdomains *suppressions.Subdomains) error {
	domains := make([]string, len(c.people))
	for n, p := range c.people {
		domains[n] = pii.Domain(p.address)
	}
	return subdomains.Tell(ctx, cause.Org, func(_ int, cmd commands.KnowSubdomains) error { // a chunk has few enough for one command
		_, err := i.submitStep(ctx, cause, req.ImportID, "subdomains "+strconv.Itoa(c.number), cmd)
		return err
	}, domains...)
}

// recordChunk seals a chunk and sends it.
func (i *Imports) recordChunk(ctx context.Context, cause *es.Event, req events.ImportRequested, c *chunk, subdomains *suppressions.Subdomains) error {
	cmd, err := i.sealChunk(ctx, cause, req, c, subdomains)
	if err != nil {
		return err
	}
	return i.sendChunk(ctx, cause, cmd)
}

// sendChunk sends a chunk once the read model is near enough: whoever else is on this partition waits behind its rows.
func (i *Imports) sendChunk(ctx context.Context, cause *es.Event, cmd commands.ImportLeads) error {
	rows := 1 // of a dry run nothing but that it was read
	if !cmd.DryRun {
		rows = max(len(cmd.Items), 1)
	}
	passage, err := i.Pace.Enter(ctx, cause.Partition, cause.Org, rows)
	if err != nil {
		return fmt.Errorf("import %s chunk %d: %w", cmd.ImportID, cmd.Chunk, err)
	}
	defer passage.Leave()
	a, err := i.submitStep(ctx, cause, cmd.ImportID, "chunk "+strconv.Itoa(cmd.Chunk), cmd)
	if err != nil {
		return err
	}
	i.awaitShown(ctx, passage, cmd.ImportID, a)
	return i.eraseSealed(ctx, cause, cmd.Items, a)
}

// awaitShown waits until the leads' read model shows what was answered; it continues without one that has stopped.
func (i *Imports) awaitShown(ctx context.Context, passage *turns.Passage, importID uuid.UUID, a es.Answer) {
	passage.Answered(a.Pseq, a.Oseq)
	patient, cancel := context.WithTimeout(ctx, behindAtMost)
	defer cancel()
	if err := i.Position(patient, a.Partition, a.Pseq); err == nil {
		passage.Shown()
	} else if ctx.Err() == nil {
		i.Log.Warn("the leads' read model is slower than an import", "import", importID, "pseq", a.Pseq, "error", err)
	}
}

// sealChunk makes the command of a chunk. Organisations take turns at it.
func (i *Imports) sealChunk(ctx context.Context, cause *es.Event, req events.ImportRequested, c *chunk, subdomains *suppressions.Subdomains) (cmd commands.ImportLeads, err error) {
	leave, err := i.sealers.Enter(ctx, cause.Org)
	if err != nil {
		return cmd, fmt.Errorf("import %s chunk %d: %w", req.ImportID, c.number, err)
	}
	defer leave()
	holders, err := i.findHolders(ctx, cause, req, c)
	if err != nil {
		return cmd, err
	}
	known, err := i.hashKnown(ctx, cause.Org, c.known)
	if err != nil {
		return cmd, err
	}
	if err := i.tellOfSubdomains(ctx, cause, req, c, subdomains); err != nil {
		return cmd, err
	}
	items, err := sealPeople(ctx, i.Vault, cause.Org, c.people, req, holders)
	if err != nil {
		return cmd, fmt.Errorf("import %s chunk %d: %w", req.ImportID, c.number, err)
	}
	return commands.ImportLeads{ImportID: req.ImportID, Chunk: c.number, FirstRow: c.firstRow, Rows: c.size(), DryRun: req.DryRun, OnDuplicate: req.OnDuplicate,
		Items: items, Known: known, Rejected: events.RefusedByCode(c.refused), Warnings: events.WarnedByCode(c.warnings)}, nil
}
