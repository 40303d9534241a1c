package imap

import (
	"fmt"
	"strings"

	"outrider/internal/mail/transport"
)

// StatusError is what a server says when it doesn't do what it was asked (RFC 9051, 7.1).
type StatusError struct {
	Status string // NO or BAD
	Code   string // in capitals; "" = none
	Text   string
}

func (e *StatusError) Error() string {
	text := e.Text
	if text == "" {
		text = "no reason given"
	}
	if e.Code != "" {
		text = "[" + e.Code + "] " + text
	}
	return "server says " + e.Status + ": " + text
}

// astring is an argument that may hold anything.
type astring string

// isPlain says whether it can be quoted.
func (s astring) isPlain() bool {
	return strings.IndexFunc(string(s), func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// run sends one command and gives hear all that the server says until it is done. Untagged answers may be news: hear takes what it
// was asked for. Refused = *StatusError; any other error is the connection's, which is of no use then.
func (c *conn) run(hear func(response), name string, args ...any) error {
	c.setDeadline()
	transport.Allow(c.net, maxAnswerBytes)
	if name == "UID FETCH" {
		transport.Allow(c.net, maxFetchBytes)
	}
	c.tags++
	tag := fmt.Sprintf("O%d", c.tags)
	if hear == nil {
		hear = func(response) {}
	}
	done, err := c.sendCommand(hear, tag, name, args)
	for said := 0; err == nil && done.tag == ""; said++ {
		if said > maxResponses {
			err = transport.ErrExceeded
			break
		}
		var r response
		if r, err = readResponse(c.in, c.literal); err != nil {
			break
		}
		if r.tag == tag {
			done = r
		} else if r.tag == "*" {
			hear(r)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if done.kind == "OK" {
		return nil
	}
	return &StatusError{done.kind, done.code, done.text}
}

// sendCommand writes a command; a server may answer before all of it was sent.
func (c *conn) sendCommand(hear func(response), tag, name string, args []any) (done response, err error) {
	line := tag + " " + name
	for _, a := range args {
		switch a := a.(type) {
		case astring:
			if a.isPlain() {
				line += ` "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(string(a)) + `"`
				continue
			}
			if _, err := fmt.Fprintf(c.net, "%s {%d}\r\n", line, len(a)); err != nil {
				return done, err
			}
			if done, err = c.awaitContinuation(hear, tag); err != nil || done.tag != "" {
				return done, err
			}
			line = string(a)
		case literal:
			if _, err := fmt.Fprintf(c.net, "%s {%d}\r\n", line, len(a)); err != nil {
				return done, err
			}
			if done, err = c.awaitContinuation(hear, tag); err != nil || done.tag != "" {
				return done, err
			}
			if _, err := c.net.Write(a); err != nil {
				return done, err
			}
			line = ""
		default:
			line += fmt.Sprintf(" %s", a)
		}
	}
	_, err = c.net.Write([]byte(line + "\r\n"))
	return done, err
}

// awaitContinuation waits until the server wants a literal; done is its answer if it doesn't.
func (c *conn) awaitContinuation(hear func(response), tag string) (done response, err error) {
	for {
		r, err := readResponse(c.in, c.literal)
		if err != nil || r.tag == tag {
			return r, err
		}
		if r.tag == "+" {
			return response{}, nil
		}
		hear(r)
	}
}
