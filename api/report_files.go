package api

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/app/reportfile"
	"outrider/internal/blob"
	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/projections"
)

// ReportFiles opens files of reports and makes links to them; *blob.Bucket does.
type ReportFiles interface {
	Read(ctx context.Context, name string) (io.ReadCloser, error)
	SignedURL(ctx context.Context, name string, expires time.Duration) (string, error)
}

const (
	reportLink        = "link to a file of a report" // what its token is bound to
	reportLinkMinutes = 15
)

var errNoReportFiles = errors.New("this server has no files of reports")

// linkFile makes a link that the store signs, or one of ours where it signs none.
func (r *reportHandlers) linkFile(c *call, id uuid.UUID, body gen.ReportLinkCreate) error {
	var run gen.ReportRun
	if err := r.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		row, err := projections.GetReportRun(c.ctx, tx, c.who.Org, id)
		if err == nil {
			run, err = r.runOf(row)
		}
		return err
	}); err != nil {
		return err
	}
	has := false
	for _, f := range run.Files {
		has = has || f.Format == body.Format
	}
	switch {
	case !has:
		return newProblem(commands.CodeNotFound, "the run has no such file")
	case r.files == nil:
		return unavailableProblem(codeUnavailable, errNoReportFiles)
	}
	minutes := body.Minutes
	if minutes == 0 {
		minutes = reportLinkMinutes
	}
	valid := time.Duration(minutes) * time.Minute
	expires := time.Now().Add(valid) // by the clock of this machine, as the store goes by that
	name := reportfile.Name(c.who.Org, run.ReportID, id, string(body.Format))
	link, err := r.files.SignedURL(c.ctx, name, valid)
	if errors.Is(err, blob.ErrUnsigned) {
		link, err = r.ownLink(c, name, string(body.Format), expires)
	}
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.ReportLink{URL: link, ExpiresAt: expires.UTC()})
}

// ownLink leads to downloadFile. Its token is sealed, so nobody makes one up.
func (r *reportHandlers) ownLink(c *call, name, format string, expires time.Time) (string, error) {
	sealed, err := r.vault.SealCursor(c.ctx, es.SystemOrg, reportLink, strings.Join([]string{strconv.FormatInt(expires.Unix(), 10), format, name}, " "))
	if err != nil {
		return "", err
	}
	return r.base + "/v1/report-files/" + base64.RawURLEncoding.EncodeToString(sealed), nil
}

// downloadFile streams a file to whoever has its link.
func (r *reportHandlers) downloadFile(c *call) error {
	sealed, err := base64.RawURLEncoding.DecodeString(c.Params("token"))
	if err != nil {
		return notFoundProblem()
	}
	text, err := r.vault.OpenCursor(c.ctx, es.SystemOrg, reportLink, sealed)
	if errors.Is(err, pii.ErrUnreadable) {
		return notFoundProblem()
	}
	if err != nil {
		return err
	}
	until, rest, _ := strings.Cut(text, " ")
	format, name, _ := strings.Cut(rest, " ")
	if seconds, err := strconv.ParseInt(until, 10, 64); err != nil || time.Now().Unix() >= seconds {
		return newProblem(commands.CodeNotFound, "the link has expired")
	}
	if r.files == nil {
		return unavailableProblem(codeUnavailable, errNoReportFiles)
	}
	file, err := r.files.Read(c.ctx, name)
	if errors.Is(err, blob.ErrNotFound) {
		return newProblem(commands.CodeNotFound, "the file is gone")
	}
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, reportfile.MediaType(format))
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="report.`+format+`"`)
	conn := c.Context().Conn()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer func() { _ = file.Close() }()
		if _, err := io.Copy(deadlineWriter{w, conn}, file); err != nil {
			_ = conn.Close() // or what was cut off would look whole
			return
		}
		_ = w.Flush() // who reads is gone if this fails
	})
	return nil
}
