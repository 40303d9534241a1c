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

// block is some chunks that are sealed together: what is looked up and made for their people costs the same as for one chunk.
type block []*chunk

// maxBlock bounds what a block's commands hold, in bytes; as many usual rows as a block may have take half of it. A chunk has its part.
const maxBlock = 512 << 10

// cutter cuts a file's rows into chunks, and these into blocks: by the file and the import alone, so that one that is resumed has the same.
type cutter struct {
	rows  int // of a chunk
	next  *chunk
	block block
}

func newCutter(rows int) *cutter { return &cutter{rows: rows, next: &chunk{number: 1}} }

// cut returns a block when another row might be too much for it.
func (c *cutter) cut() block {
	if c.next.size() < c.rows && c.next.bytes <= maxBlock*c.rows/commands.MaxItems {
		return nil
	}
	c.endChunk()
	rows, bytes := 0, 0
	for _, x := range c.block {
		rows, bytes = rows+x.size(), bytes+x.bytes
	}
	if rows+c.rows <= commands.MaxItems && bytes <= maxBlock {
		return nil
	}
	return c.take()
}

func (c *cutter) endChunk() {
	c.block = append(c.block, c.next)
	c.next = &chunk{number: c.next.number + 1}
}

// take returns what there is.
func (c *cutter) take() block {
	if c.next.size() > 0 {
		c.endChunk()
	}
	b := c.block
	c.block = nil
	return b
}

func (i *Imports) recordChunks(ctx context.Context, cause *es.Event, req events.ImportRequested, f *csvfile.Reader) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(blocksAtOnce)
	if err := i.awaitLeads(ctx, cause, req); err != nil {
		return err
	}
	rows := newRowReader(f.Head(), req.Tags)
	cutter, seen := newCutter(req.ChunkRows), addressSet{}
	subdomains, err := suppressions.NewSubdomains(i.Vault.Hasher)
	if err != nil {
		return err
	}
	record := func(b block) {
		if len(b) > 0 {
			g.Go(func() error { return i.recordBlock(ctx, cause, req, b, subdomains) })
		}
	}
	var readErr error
	for ctx.Err() == nil {
		row, err := f.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		next := cutter.next
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
		record(cutter.cut())
	}
	if ctx.Err() == nil {
		record(cutter.take())
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

// tellOfSubdomains tells of the domains of a block before anybody at one becomes a lead. So does a dry run, which would otherwise
// count fewer suppressed rows than the import.
func (i *Imports) tellOfSubdomains(ctx context.Context, cause *es.Event, req events.ImportRequested, b block, subdomains *suppressions.Subdomains) error {
	var domains []string
	for _, p := range b.people() {
		domains = append(domains, pii.Domain(p.address))
	}
	return subdomains.Tell(ctx, cause.Org, func(_ int, cmd commands.KnowSubdomains) error { // a block has few enough for one command
		_, err := i.submitStep(ctx, cause, req.ImportID, "subdomains "+strconv.Itoa(b[0].number), cmd)
		return err
	}, domains...)
}

func (b block) people() (out []*person) {
	for _, c := range b {
		out = append(out, c.people...)
	}
	return out
}

// recordBlock seals the chunks of a block and sends them.
func (i *Imports) recordBlock(ctx context.Context, cause *es.Event, req events.ImportRequested, b block, subdomains *suppressions.Subdomains) error {
	cmds, err := i.sealBlock(ctx, cause, req, b, subdomains)
	if err != nil {
		return err
	}
	return i.sendBlock(ctx, cause, cmds)
}

// sendBlock sends chunks, each once the read model is near enough: whoever else is on this partition waits behind its rows.
func (i *Imports) sendBlock(ctx context.Context, cause *es.Event, cmds []commands.ImportLeads) error {
	g, sending := errgroup.WithContext(ctx)
	answers := make([]es.Answer, len(cmds))
	for n, cmd := range cmds {
		rows := 1 // of a dry run nothing but that it was read
		if !cmd.DryRun {
			rows = max(len(cmd.Items), 1)
		}
		passage, err := i.Pace.Enter(sending, cause.Partition, cause.Org, rows)
		if err != nil {
			g.Go(func() error { return fmt.Errorf("import %s chunk %d: %w", cmd.ImportID, cmd.Chunk, err) })
			break
		}
		g.Go(func() (err error) {
			defer passage.Leave()
			if answers[n], err = i.submitStep(sending, cause, cmd.ImportID, "chunk "+strconv.Itoa(cmd.Chunk), cmd); err == nil {
				i.awaitShown(sending, passage, cmd.ImportID, answers[n])
			}
			return err
		})
	}
	err := g.Wait()
	return errors.Join(err, i.eraseRecorded(ctx, cause, cmds, answers))
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

// sealBlock makes the commands of a block's chunks. Organisations take turns at it.
func (i *Imports) sealBlock(ctx context.Context, cause *es.Event, req events.ImportRequested, b block, subdomains *suppressions.Subdomains) ([]commands.ImportLeads, error) {
	leave, err := i.sealers.Enter(ctx, cause.Org)
	if err != nil {
		return nil, fmt.Errorf("import %s chunk %d: %w", req.ImportID, b[0].number, err)
	}
	defer leave()
	holders, err := i.findHolders(ctx, cause, req, b)
	if err != nil {
		return nil, err
	}
	if err := i.tellOfSubdomains(ctx, cause, req, b, subdomains); err != nil {
		return nil, err
	}
	items, err := sealPeople(ctx, i.Vault, cause.Org, b.people(), req, holders)
	if err != nil {
		return nil, fmt.Errorf("import %s chunk %d: %w", req.ImportID, b[0].number, err)
	}
	out := make([]commands.ImportLeads, len(b))
	for n, c := range b {
		known, err := i.hashKnown(ctx, cause.Org, c.known)
		if err != nil {
			return nil, err
		}
		own := items[:len(c.people):len(c.people)]
		items = items[len(c.people):]
		out[n] = commands.ImportLeads{ImportID: req.ImportID, Chunk: c.number, FirstRow: c.firstRow, Rows: c.size(), DryRun: req.DryRun, OnDuplicate: req.OnDuplicate,
			Items: own, Known: known, Rejected: events.RefusedByCode(c.refused), Warnings: events.WarnedByCode(c.warnings)}
	}
	return out, nil
}
