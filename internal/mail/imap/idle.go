package imap

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"outrider/internal/mail/transport"
)

// ErrNoIdle says that a server doesn't tell of news by itself: it must be asked.
var ErrNoIdle = errors.New("the server doesn't offer IDLE")

// Idle waits until something comes into a folder, at most so long, and reports whether something did (RFC 2177). Nobody else can use
// the client meanwhile.
func (c *Client) Idle(ctx context.Context, folder string, long time.Duration) (news bool, err error) {
	err = c.withConn(ctx, func(at *conn) (err error) {
		if !at.caps["IDLE"] {
			return ErrNoIdle
		}
		if _, err := at.examine(folder); err != nil {
			return err
		}
		news, err = at.idle(long)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("wait for mail in %s: %w", folder, err)
	}
	return news, nil
}

func (c *conn) idle(long time.Duration) (news bool, err error) {
	_ = c.net.SetDeadline(time.Now().Add(long + c.timeout))
	transport.Allow(c.net, maxAnswerBytes)
	c.tags++
	tag := fmt.Sprintf("O%d", c.tags)
	if _, err := c.net.Write([]byte(tag + " IDLE\r\n")); err != nil {
		return false, fmt.Errorf("IDLE: %w", err)
	}
	hear := func(r response) { news = news || r.kind == "EXISTS" }
	done, err := c.awaitContinuation(hear, tag)
	if err == nil && done.tag == "" {
		end := sync.OnceFunc(func() { _, _ = c.net.Write([]byte("DONE\r\n")) }) // what goes wrong is seen by who reads
		over := time.AfterFunc(long, end)
		defer over.Stop()
		for said := 0; err == nil && done.tag == ""; said++ {
			if news {
				end()
			}
			if said > maxResponses {
				return false, transport.ErrExceeded
			}
			var r response
			switch r, err = readResponse(c.in, c.literal); {
			case err != nil:
			case r.tag == tag:
				done = r
			case r.tag == "*":
				hear(r)
			}
		}
	}
	switch {
	case err != nil:
		return false, fmt.Errorf("IDLE: %w", err)
	case done.kind != "OK":
		return false, &StatusError{done.kind, done.code, done.text}
	}
	return news, nil
}
