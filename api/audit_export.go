package api

import (
	"bufio"
	"context"
	"net"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/auditexport"
)

// exportAudit streams the history of the caller's organisation as it was when the request came, with its proof.
func (a *auditHandlers) exportAudit(c *call) error {
	if a.columns == nil || a.ring == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	after, _ := strconv.ParseInt(c.textParam("after"), 10, 64) // "" = 0; it was checked
	if err := a.awaitIn(c, "chains"); err != nil {
		return err
	}
	x, err := auditexport.Begin(c.ctx, auditexport.Config{Columns: a.columns, Pool: a.pool, Ring: a.ring, Now: a.now}, c.who.Org, after)
	if err != nil {
		return err
	}
	if _, err := a.submitOwn(c, commands.RecordPersonalDataDownload{What: events.DownloadedHistory}); err != nil { // after what it begins with: it isn't in it
		return err
	}
	c.setPosition()
	c.Set(fiber.HeaderContentType, "application/jsonl")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="audit-`+x.Org.String()+`-`+strconv.FormatInt(x.After, 10)+`-`+strconv.FormatInt(x.To, 10)+`.jsonl"`)
	conn := c.Context().Conn()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		ctx, cancel := context.WithCancel(a.life)
		defer cancel()
		if err := x.Write(ctx, deadlineWriter{w, conn}); err != nil && ctx.Err() == nil {
			a.logger.Error("an export broke off", "org", x.Org, "error", err)
		}
		_ = w.Flush() // who reads is gone if this fails
	})
	return nil
}

// deadlineWriter returns a client so long for each piece.
type deadlineWriter struct {
	w    *bufio.Writer
	conn net.Conn
}

func (d deadlineWriter) Write(b []byte) (int, error) {
	if err := d.conn.SetWriteDeadline(time.Now().Add(streamStall)); err != nil {
		return 0, err
	}
	return d.w.Write(b)
}
