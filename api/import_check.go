package api

import (
	"errors"
	"mime/multipart"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/internal/csvfile"
	"outrider/internal/es"
	"outrider/projections"
)

// inspectImport says what would be made of a file, before it is imported.
func (s *Server) inspectImport(c *call) error {
	return s.readUpload(c, func(c *call, fields map[string]any, part *multipart.Part, file *lastPart) error {
		u, err := uploadOf(c, fields, part)
		if err != nil {
			return err
		}
		if s.cfg.Imports == nil {
			return unavailableProblem(codeUnavailable, errors.New("this server has no importer"))
		}
		head, rows, err := s.cfg.Imports.Inspect(u, file)
		if file.err != nil {
			return file.err
		}
		if err != nil {
			return err
		}
		return c.answerJSON(200, inspectionOf(head, rows))
	})
}

func inspectionOf(head csvfile.Head, rows []csvfile.Row) gen.ImportInspection {
	out := gen.ImportInspection{Format: gen.ImportInspectionFormat(head.Format), Charset: head.Charset, Delimiter: head.Delimiter, HeaderRow: head.HeaderRow, Columns: []gen.ImportColumn{},
		LeftOut: leftOutColumns(head.LeftOut)}
	for i, name := range head.Columns {
		column := gen.ImportColumn{Name: name, Field: head.Mapping[name], Values: []string{}}
		for _, r := range rows {
			column.Values = append(column.Values, csvfile.CleanCell(r.Values[i]))
		}
		out.Columns = append(out.Columns, column)
	}
	for _, r := range rows {
		out.Rows = append(out.Rows, r.Number)
	}
	return out
}

// commitImport does a dry run in earnest. Its id follows from the dry run's, so that asking twice imports once.
func (s *Server) commitImport(c *call, id uuid.UUID) error {
	var dry *projections.Import
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		dry, err = projections.GetImport(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return err
	}
	switch {
	case s.cfg.Imports == nil:
		return unavailableProblem(codeUnavailable, errors.New("this server has no importer"))
	case !dry.DryRun:
		return invalidProblem(gen.FieldError{Field: "id", Reason: "is no dry run"})
	case dry.Status != projections.ImportCompleted:
		return invalidProblem(gen.FieldError{Field: "id", Reason: "the dry run is " + dry.Status + "; it must be completed"})
	}
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	cmd := s.newCommand(in)
	if in.keyed {
		if cmd.Fingerprint, err = s.fingerprintOf(c, nil); err != nil {
			return err
		}
	}
	request, a, err := s.cfg.Imports.Commit(c.ctx, dry, es.DeriveID(id, "commit"), cmd)
	if errors.Is(err, ErrFileGone) {
		return s.showCommitted(c, es.DeriveID(id, "commit"))
	}
	if a, err = s.checkAnswer(in, in.id, a, err); err != nil {
		return err
	}
	return c.answerCreated(begunImport(request, a), "/v1/imports/"+request.ImportID.String(), 0)
}

// showCommitted answers for a dry run whose file is gone: with the import that took it, if there is one.
func (s *Server) showCommitted(c *call, importID uuid.UUID) error {
	var row *projections.Import
	err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetImport(c.ctx, tx, c.who.Org, importID)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return invalidProblem(gen.FieldError{Field: "id", Reason: "the file of this dry run is gone; send it again"})
	}
	if err != nil {
		return err
	}
	out, err := importOf(row)
	if err != nil {
		return err
	}
	return c.answerCreated(out, "/v1/imports/"+importID.String(), 0)
}

func (s *Server) previewImportUndo(c *call, id uuid.UUID) error {
	var p *projections.UndoPreview
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err := projections.GetImport(c.ctx, tx, c.who.Org, id)
		if err != nil {
			return err
		}
		p, err = projections.PreviewUndo(c.ctx, tx, c.who.Org, row.ImportID)
		return err
	}); err != nil {
		return err
	}
	return c.answerJSON(200, gen.ImportUndoPreview{Remove: int64(p.Remove), Keep: int64(p.Edited + p.Enrolled), Edited: int64(p.Edited), Enrolled: int64(p.Enrolled)})
}
