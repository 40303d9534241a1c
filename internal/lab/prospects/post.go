package prospects

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/retry"
)

// mailCarrier brings mail to the MX of its recipient.
type mailCarrier struct {
	exchangers map[string]string // domain (or "*") -> host:port on loopback
	patience   time.Duration     // real time
	slots      chan struct{}
}

// sendMail tries until the message is taken or refused for good. "" as from is the empty return path.
func (p *mailCarrier) sendMail(ctx context.Context, from, to string, message []byte) error {
	p.slots <- struct{}{}
	defer func() { <-p.slots }()
	_, domain, _ := strings.Cut(to, "@")
	address := p.exchangers[strings.ToLower(domain)]
	if address == "" {
		address = p.exchangers["*"]
	}
	if address == "" {
		return fmt.Errorf("send to %s: no way to its domain", to)
	}
	return retry.Do(ctx, patient(p.patience), func() error {
		err := p.sendOnce(ctx, address, from, to, message)
		if said, ok := errors.AsType[*smtp.SMTPError](err); ok && !said.Temporary() {
			return retry.Stop(err)
		}
		return err
	})
}

// patient is how people try again, for so long.
func patient(long time.Duration) retry.Policy {
	return retry.Policy{First: 50 * time.Millisecond, Longest: time.Second, For: max(long, time.Nanosecond)}
}

func (p *mailCarrier) sendOnce(ctx context.Context, address, from, to string, message []byte) error {
	conn, err := loopback.Dialer().DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", address, err)
	}
	c := smtp.NewClient(conn)
	defer c.Close()
	c.CommandTimeout, c.SubmissionTimeout = 15*time.Second, 15*time.Second
	if err := c.Hello("mx.prospects.test"); err != nil {
		return fmt.Errorf("greet %s: %w", address, err)
	}
	if err := c.SendMail(from, []string{to}, strings.NewReader(string(message))); err != nil {
		return fmt.Errorf("send to %s: %w", to, err)
	}
	_ = c.Quit() // it is taken already
	return nil
}
