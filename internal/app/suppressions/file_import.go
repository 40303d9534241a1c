package suppressions

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// Import is a file of suppressions on its way into an organisation.
type Import struct {
	Vault    *pii.Vault
	Org      uuid.UUID
	FileID   uuid.UUID
	FileName string
	Submit   func(part string, cmd commands.Command) (es.Answer, error)
}

// Report says what came of the rows of a file.
type Report struct {
	Rows, Added, Already, Refused int64
	Problems                      []Row // the first of those that were refused
}

// maxProblems bounds the rows that a report names.
const maxProblems = 1000

// Record suppresses what the rows say, in chunks. A chunk that was sent before is answered as it was then.
func (i Import) Record(ctx context.Context, rows []Row) (report Report, err error) {
	chunk := 0
	for now := range slices.Chunk(rows, commands.MaxItems) {
		chunk++
		done, problems, err := i.recordChunk(ctx, chunk, now)
		if err != nil {
			return report, err
		}
		report.Rows, report.Added = report.Rows+int64(done.Rows), report.Added+int64(done.Added)
		report.Already, report.Refused = report.Already+int64(done.Already), report.Refused+int64(done.Refused)
		report.Problems = append(report.Problems, problems[:min(len(problems), maxProblems-len(report.Problems))]...)
	}
	return report, nil
}

func (i Import) recordChunk(ctx context.Context, chunk int, rows []Row) (done events.SuppressionChunkRecorded, problems []Row, err error) {
	h, err := i.Vault.Hasher(ctx, i.Org)
	if err != nil {
		return done, nil, err
	}
	cmd := commands.ImportSuppressions{SuppressionFileRef: events.SuppressionFileRef{FileID: i.FileID}, Chunk: chunk, FileName: i.FileName}
	var entries []Entry
	for _, r := range rows {
		if r.Problem != "" {
			problems = append(problems, r)
			continue
		}
		entries, cmd.Items = append(entries, r.Entry), append(cmd.Items, r.Item(h, r.Reason))
	}
	cmd.Refused = len(problems)
	if err := Seal(ctx, i.Vault.Keys, i.Org, entries, cmd.Items); err != nil {
		return done, nil, err
	}
	a, err := i.Submit("chunk "+strconv.Itoa(chunk), cmd)
	if err != nil {
		return done, nil, err
	}
	if err := json.Unmarshal(a.Detail, &done); err != nil {
		return done, nil, fmt.Errorf("read what came of a chunk: %w", err)
	}
	return done, problems, nil
}
