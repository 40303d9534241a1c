package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"mime/multipart"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/csvfile"
	"outrider/internal/es"
	"outrider/internal/profile"
	"outrider/projections"
)

// Bounds of a form beside its file.
const (
	maxFormField  = 64 << 10  // bytes of a field
	maxForm       = 256 << 10 // bytes of all fields, their names and heads included
	maxFormFields = 20
)

// errFormTooLarge ends a form whose fields are too many bytes.
var errFormTooLarge = newProblem(codeTooLarge, "the fields of the form have more than 256 kB")

// Upload is a file to import, with what the form says of it.
type Upload struct {
	ImportID    uuid.UUID
	FileName    string            // without folders
	Charset     string            // "" = find out
	Delimiter   string            // "" = find out
	HeaderRow   *int              // 0 = none; nil = find out
	Mapping     map[string]string // column: field; what it doesn't name is guessed; "" leaves a column out
	DryRun      bool
	OnDuplicate string
	Source      string
	LawfulBasis string
	Tags        []string
	TimeZone    string
	Limits      events.Limits // of the organisation
	Plan        string

	// Command is the envelope of import.request.v1, without type and data. Seal sets its fingerprint; call it when the
	// file was read to its end.
	Command es.Command
	Seal    func(*es.Command)
}

// Importer stores a file as it comes and asks for its import.
type Importer interface {
	// Begin reads the file to its end, keeps it encrypted, submits commands.RequestImport and returns it with its answer.
	// The same ImportID may come again (an Idempotency-Key was repeated): then it submits again, so that the answer is the
	// remembered one. An *es.Refusal as the error says what is wrong with the file, gateway.ErrPending that the command
	// isn't decided yet.
	Begin(ctx context.Context, u Upload, file io.Reader) (commands.RequestImport, es.Answer, error)
	// Inspect reads the beginning of a file, and keeps nothing.
	Inspect(u Upload, file io.Reader) (csvfile.Head, []csvfile.Row, error)
	// Commit imports the file of a dry run in earnest, under an id that may come again. ErrFileGone.
	Commit(ctx context.Context, dry *projections.Import, importID uuid.UUID, command es.Command) (commands.RequestImport, es.Answer, error)
	// Open gives the rows of an import's file, or what is kept of them; nil, nil afterwards.
	Open(ctx context.Context, of *projections.Import) (ImportedFile, error)
}

// ImportedFile looks up rows of a file in their order: the cells, and what is wrong with the address.
type ImportedFile interface {
	Columns() []string
	Find(row int) (cells []string, reason string)
	Close() error
}

// ErrFileGone says that the file of a dry run is there no longer.
var ErrFileGone = errors.New("the file is gone")

// addressInName finds what may be somebody's address in the name of a file.
var addressInName = regexp.MustCompile(`[^\s@/]+@[^\s@/]+\.[^\s@/.]+`)

// createImport reads the form as it comes: the file is never in memory as a whole.
func (s *Server) createImport(c *call) error { return s.readUpload(c, s.importFile) }

// readUpload reads the fields of a form, then gives them with its file.
func (s *Server) readUpload(c *call, use func(c *call, fields map[string]any, part *multipart.Part, file *lastPart) error) (err error) {
	if s.cfg.Imports == nil {
		return unavailableProblem(codeUnavailable, errors.New("this server has no importer"))
	}
	c.body.allowUpload(c.Ctx)
	var file io.Reader = c.body
	if c.body.stream == nil {
		file = bytes.NewReader(c.Body())
	}
	_, params, err := mime.ParseMediaType(c.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return malformedProblem("multipart/form-data has no boundary")
	}
	limited := &formReader{from: file, left: maxForm}
	form := multipart.NewReader(limited, params["boundary"])
	fields := map[string]any{}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return invalidProblem(gen.FieldError{Field: "file", Reason: "is missing"})
		}
		if err != nil {
			return formProblem(err, "the form can't be read")
		}
		name := part.FormName()
		if name == "file" {
			limits, plan, err := s.importLimits(c)
			if err != nil {
				return err
			}
			limited.left = noEnd
			return use(c, fields, part, &lastPart{limited: limited, form: form, part: part, limits: limits, plan: plan})
		}
		if len(fields) == maxFormFields {
			return malformedProblem("the form has more than " + strconv.Itoa(maxFormFields) + " fields beside the file")
		}
		value, err := io.ReadAll(io.LimitReader(part, maxFormField+1))
		if err != nil {
			return formProblem(err, "the form can't be read")
		}
		if profile.HoldsControl(string(value)) && utf8.Valid(value) {
			return invalidProblem(gen.FieldError{Field: profile.CleanLine(name), Reason: reasonControl})
		}
		if _, twice := fields[name]; twice || len(value) > maxFormField || !isCleanText(string(value)) || !isCleanText(name) {
			return malformedProblem("a field of the form comes twice, is too long or isn't text")
		}
		fields[name] = string(value)
	}
}

func (s *Server) importFile(c *call, fields map[string]any, part *multipart.Part, file *lastPart) error {
	u, err := uploadOf(c, fields, part)
	if err != nil {
		return err
	}
	u.Limits, u.Plan = file.limits, file.plan
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	hash := sha256.New()
	u.ImportID, u.Command = in.newID("import"), s.newCommand(in)
	options, err := es.Marshal(fields)
	if err != nil {
		return err
	}
	var sealing error
	u.Seal = func(cmd *es.Command) {
		if in.keyed {
			cmd.Fingerprint, sealing = s.fingerprintOf(c, hash.Sum(append(options, u.FileName...)))
		}
	}
	cmd, a, err := s.cfg.Imports.Begin(c.ctx, u, io.TeeReader(file, hash))
	if file.err != nil {
		return file.err
	}
	if a, err = s.checkAnswer(in, in.id, a, errors.Join(err, sealing)); err != nil {
		return err
	}
	return c.answerCreated(begunImport(cmd, a), "/v1/imports/"+cmd.ImportID.String(), 0)
}

func begunImport(cmd commands.RequestImport, a es.Answer) gen.Import {
	return gen.Import{ID: cmd.ImportID, Status: gen.ImportStatusRunning, FileName: cmd.FileName, Bytes: cmd.Bytes, Charset: cmd.Charset, Delimiter: cmd.Delimiter,
		DryRun: cmd.DryRun, OnDuplicate: cmd.OnDuplicate, Source: gen.LeadSource(cmd.Source), LawfulBasis: cmd.LawfulBasis, Tags: nonNil(cmd.Tags), TimeZone: cmd.TimeZone,
		Mapping: cmd.Mapping, HeaderRow: cmd.HeaderRow, LeftOut: leftOutColumns(cmd.LeftOut), DryRunID: cmd.DryRunID, CreatedAt: a.Time, UpdatedAt: a.Time}
}

// formReader reads a form up to a bound.
type formReader struct {
	from io.Reader
	left int64 // bytes; noEnd = any number
}

const noEnd = math.MaxInt64

func (f *formReader) Read(p []byte) (int, error) {
	if f.left <= 0 {
		return 0, errFormTooLarge
	}
	n, err := f.from.Read(p[:min(int64(len(p)), f.left)])
	if f.left != noEnd {
		f.left -= int64(n)
	}
	return n, err
}

// formProblem says what is wrong with a form.
func formProblem(err error, detail string) error {
	if errors.Is(err, errFormTooLarge) {
		return errFormTooLarge
	}
	return bodyProblem(err, detail)
}

// importLimits are those of the caller's plan. An organisation that was made just now is waited for until the read model knows it.
func (s *Server) importLimits(c *call) (events.Limits, string, error) {
	var row *projections.Organization
	read := func() error {
		return s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
			row, err = projections.GetOrganization(c.ctx, tx, c.who.Org)
			return err
		})
	}
	err := read()
	for began := time.Now(); errors.Is(err, pgx.ErrNoRows); err = read() {
		if time.Since(began) > s.patience.Shown || c.ctx.Err() != nil {
			return events.Limits{}, "", unavailableProblem(codeBehind, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		return events.Limits{}, "", err
	}
	limits, err := limitsOf(row.Limits)
	return limits, row.Plan, err
}

// lastPart reads the file of a form. What is wrong with the form ends the file, so that nothing of it is imported: a cut
// upload, or a field after the file, which would otherwise not count (a dry_run).
type lastPart struct {
	limited *formReader
	form    *multipart.Reader
	part    *multipart.Part
	limits  events.Limits
	plan    string
	bytes   int64
	err     error // a problem
}

func (l *lastPart) Read(p []byte) (int, error) {
	if l.err != nil {
		return 0, l.err
	}
	n, err := l.part.Read(p)
	if l.bytes += int64(n); l.limits.ImportBytes != events.NoLimit && l.bytes > l.limits.ImportBytes {
		l.err = es.Refuse(commands.CodeFileTooLarge, events.QuotaDetail{Limit: events.LimitImportBytes, Max: l.limits.ImportBytes, Requested: l.bytes, Plan: l.plan})
		return 0, l.err
	}
	if err == nil {
		return n, nil
	}
	if errors.Is(err, io.EOF) {
		l.limited.left = maxForm // the head of what may not follow
		_, next := l.form.NextPart()
		if errors.Is(next, io.EOF) {
			return n, io.EOF
		}
		if err = next; err == nil {
			l.err = invalidProblem(gen.FieldError{Field: "file", Reason: "must stand last in the form, and once"})
			return n, l.err
		}
	}
	l.err = bodyProblem(err, "the form can't be read to its end")
	return n, l.err
}

func uploadOf(c *call, fields map[string]any, part *multipart.Part) (u Upload, err error) {
	fields["file"] = "" // is there; its content isn't for the schema
	if err := c.op.body.VisitJSON(fields, schemaOptions()...); err != nil {
		return u, invalidProblem(fieldErrors(err)...)
	}
	delete(fields, "file")
	text := func(name, fallback string) string {
		if s, _ := fields[name].(string); s != "" {
			return s
		}
		return fallback
	}
	u = Upload{FileName: path.Base(strings.ReplaceAll(part.FileName(), `\`, "/")), Charset: text("charset", ""), Delimiter: text("delimiter", ""), DryRun: text("dry_run", "") == "true",
		OnDuplicate: text("on_duplicate", "skip"), Source: text("source", "csv_upload"), LawfulBasis: text("lawful_basis", ""), TimeZone: text("time_zone", "")}
	u.FileName = addressInName.ReplaceAllString(u.FileName, "address") // the name goes into the log as it is
	if u.FileName == "." || u.FileName == "/" || !isCleanText(u.FileName) || utf8.RuneCountInString(u.FileName) > 255 {
		return u, invalidProblem(gen.FieldError{Field: "file", Reason: "must have a name of 1 to 255 characters"})
	}
	if n, err := strconv.Atoi(text("header_row", "")); err == nil { // digits, checked
		u.HeaderRow = &n
	}
	if u.Delimiter == "tab" {
		u.Delimiter = "\t"
	}
	if err := checkZone(u.TimeZone); err != nil {
		return u, err
	}
	if t := text("tags", ""); t != "" {
		u.Tags = trimTags(strings.Split(t, ","))
	}
	if m := text("mapping", ""); m != "" {
		if err := json.Unmarshal([]byte(m), &u.Mapping); err != nil {
			return u, invalidProblem(gen.FieldError{Field: "mapping", Reason: "must be a JSON object of texts"})
		}
	}
	return u, nil
}
