package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"path"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/es"
)

const maxFormField = 64 << 10 // bytes of a form's field other than the file

// Upload is a file to import, with what the form says of it.
type Upload struct {
	ImportID    uuid.UUID
	FileName    string            // without folders
	Charset     string            // "" = find out
	Delimiter   string            // "" = find out
	Mapping     map[string]string // column: field; what it doesn't name is guessed; "" leaves a column out
	DryRun      bool
	OnDuplicate string
	Source      string
	LawfulBasis string
	Tags        []string
	TimeZone    string

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
}

// addressInName finds what may be somebody's address in the name of a file.
var addressInName = regexp.MustCompile(`[^\s@/]+@[^\s@/]+\.[^\s@/.]+`)

// createImport reads the form as it comes: the file is never in memory as a whole.
func (s *Server) createImport(c *call) (err error) {
	if s.cfg.Imports == nil {
		return unavailableProblem(codeUnavailable, errors.New("this server has no importer"))
	}
	var file io.Reader = c.body
	if c.body.stream == nil {
		file = bytes.NewReader(c.Body())
	}
	_, params, err := mime.ParseMediaType(c.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return malformedProblem("multipart/form-data has no boundary")
	}
	form := multipart.NewReader(file, params["boundary"])
	fields := map[string]any{}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return invalidProblem(gen.FieldError{Field: "file", Reason: "is missing"})
		}
		if err != nil {
			return malformedProblem("the form can't be read")
		}
		name := part.FormName()
		if name == "file" {
			return s.importFile(c, fields, part, &lastPart{form: form, part: part})
		}
		value, err := io.ReadAll(io.LimitReader(part, maxFormField+1))
		if err != nil {
			return malformedProblem("the form can't be read")
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
	return c.answerCreated(gen.Import{ID: cmd.ImportID, Status: gen.ImportStatusRunning, FileName: cmd.FileName, Bytes: cmd.Bytes, Charset: cmd.Charset, Delimiter: cmd.Delimiter,
		DryRun: cmd.DryRun, OnDuplicate: cmd.OnDuplicate, Source: gen.LeadSource(cmd.Source), LawfulBasis: cmd.LawfulBasis, Tags: nonNil(cmd.Tags), TimeZone: cmd.TimeZone,
		Mapping: cmd.Mapping, CreatedAt: a.Time, UpdatedAt: a.Time}, "/v1/imports/"+cmd.ImportID.String(), 0)
}

// lastPart reads the file of a form. What is wrong with the form ends the file, so that nothing of it is imported: a cut
// upload, or a field after the file, which would otherwise not count (a dry_run).
type lastPart struct {
	form *multipart.Reader
	part *multipart.Part
	err  error // a problem
}

func (l *lastPart) Read(p []byte) (int, error) {
	if l.err != nil {
		return 0, l.err
	}
	n, err := l.part.Read(p)
	if err == nil {
		return n, nil
	}
	if errors.Is(err, io.EOF) {
		_, next := l.form.NextPart()
		if errors.Is(next, io.EOF) {
			return n, io.EOF
		}
		if err = next; err == nil {
			l.err = invalidProblem(gen.FieldError{Field: "file", Reason: "must stand last in the form, and once"})
			return n, l.err
		}
	}
	l.err = malformedProblem("the form can't be read to its end")
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
	if u.FileName == "." || u.FileName == "/" || !isCleanText(u.FileName) || len(u.FileName) > 255 {
		return u, invalidProblem(gen.FieldError{Field: "file", Reason: "must have a name of 1 to 255 bytes"})
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
