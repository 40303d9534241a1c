package api

import (
	"crypto/sha256"
	"io"
	"maps"
	"mime/multipart"
	"strconv"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/suppressions"
	"outrider/internal/es"
)

// maxSuppressionFile bounds a file, which is in memory as a whole.
const maxSuppressionFile = 16 << 20

// importSuppressions reads the file before it suppresses anything, so that one that can't be read changes nothing.
func (s *Server) importSuppressions(c *call) error { return s.readUpload(c, s.suppressFile) }

func (s *Server) suppressFile(c *call, fields map[string]any, part *multipart.Part, file *lastPart) error {
	u, err := uploadOf(c, maps.Clone(fields), part)
	if err != nil {
		return err
	}
	hash := sha256.New()
	bounded := &io.LimitedReader{R: file, N: maxSuppressionFile + 1}
	rows, err := suppressions.ReadFile(io.TeeReader(bounded, hash), suppressionOptions(u, fields))
	if bounded.N <= 0 {
		return newProblem(codeTooLarge, "a file of suppressions may have "+strconv.Itoa(maxSuppressionFile)+" bytes")
	}
	if file.err != nil {
		return file.err
	}
	if err != nil {
		return invalidProblem(gen.FieldError{Field: "file", Reason: err.Error()})
	}
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	if in.keyed {
		options, err := es.Marshal(fields)
		if err != nil {
			return err
		}
		if in.fingerprint, err = s.fingerprintOf(c, hash.Sum(append(options, u.FileName...))); err != nil {
			return err
		}
	}
	all := make([]suppressions.Entry, len(rows))
	for i, r := range rows {
		all[i] = r.Entry
	}
	if err := s.subdomains.TellOfLeads(in.ctx, s.pool, in.org, s.tellAside(in), all); err != nil {
		return err
	}
	id := in.newID("file")
	report, err := suppressions.Import{Vault: s.cfg.Vault, Org: in.org, FileID: id, FileName: u.FileName, Submit: func(part string, cmd commands.Command) (es.Answer, error) {
		return s.submitPart(in, part, cmd)
	}}.Record(in.ctx, rows)
	if err != nil {
		return err
	}
	out := gen.SuppressionImport{ID: id, Rows: report.Rows, Added: report.Added, Already: report.Already, Refused: report.Refused, Problems: []gen.SuppressionProblem{}}
	for _, r := range report.Problems {
		out.Problems = append(out.Problems, gen.SuppressionProblem{Row: r.Number, Value: r.Shown(), Reason: r.Problem})
	}
	return c.answerJSON(200, out)
}

// suppressionOptions reads a form that was checked.
func suppressionOptions(u Upload, fields map[string]any) suppressions.FileOptions {
	text := func(name string) string { t, _ := fields[name].(string); return t }
	o := suppressions.FileOptions{Kind: text("kind"), Reason: text("reason")}
	o.Charset, o.HeaderRow = u.Charset, u.HeaderRow
	for _, d := range u.Delimiter {
		o.Delimiter = d
	}
	if o.Reason == "" {
		o.Reason = events.SuppressedImport
	}
	if t := text("subdomains"); t != "" {
		o.Subdomains = new(t == "true")
	}
	return o
}
