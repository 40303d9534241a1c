package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/smtp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/lab/mailserver"
)

// answerSome lets people who were written to answer, and waits until their answers are in the inbox; it returns how many are.
func (p *benchMail) answerSome(ctx context.Context, db *pgx.Conn, org uuid.UUID, want int) (n int, err error) {
	lines, err := mailserver.ReadJournal(p.mail.Journal())
	if err != nil {
		return 0, err
	}
	sent := 0
	for _, l := range lines {
		if sent == want {
			break
		}
		if l.Kind != mailserver.Accepted || l.By != mailserver.BySubmission || len(l.To) != 1 || l.IsToSelf() || l.MessageID == "" {
			continue
		}
		if err := p.answer(l, sent); err != nil {
			return 0, err
		}
		sent++
	}
	before, moved := 0, time.Now()
	for n < sent && time.Since(moved) < benchPatience {
		if err := db.QueryRow(ctx, `select count(*) from read.inbox_threads where org_id = $1`, org).Scan(&n); err != nil {
			return 0, fmt.Errorf("count answers: %w", err)
		}
		if n != before {
			before, moved = n, time.Now()
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
	return n, nil
}

func (p *benchMail) answer(l mailserver.Line, n int) error {
	from, to := l.To[0], l.From
	id := "<" + strings.Trim(l.MessageID, "<>") + ">"
	text := fmt.Sprintf("From: <%s>\r\nTo: <%s>\r\nSubject: Re: slot %d\r\nMessage-ID: <answer-%d@answers.example.com>\r\nIn-Reply-To: %s\r\nReferences: %s\r\nDate: %s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThanks, slot %d on Tuesday suits me well.\r\n",
		from, to, n, n, id, id, time.Now().Format(time.RFC1123Z), n)
	if err := deliverPlain(p.mail.MX, from, to, text); err != nil {
		return fmt.Errorf("answer a message: %w", err)
	}
	return nil
}

// deliverPlain delivers a message without TLS, for which nobody here vouches.
func deliverPlain(mx, from, to, text string) error {
	c, err := smtp.Dial(mx)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := errors.Join(c.Mail(from), c.Rcpt(to)); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, text); err != nil {
		return err
	}
	return errors.Join(w.Close(), c.Quit())
}
