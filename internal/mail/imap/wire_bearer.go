package imap

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"outrider/internal/mail/transport"
)

// loginByToken signs in by an access token, in two steps (RFC 9051, 6.2.2): the response follows when the server asks for it, and a refusal is answered before it ends.
func (c *conn) loginByToken(a transport.ServerLogin) error {
	if err := c.readCapabilities(); err != nil {
		return err
	}
	var offered []string
	for name := range c.caps {
		if m, ok := strings.CutPrefix(name, "AUTH="); ok {
			offered = append(offered, m)
		}
	}
	m := transport.ChooseBearer(offered)
	if m == "" {
		return fmt.Errorf("%w: the server offers no sign-in by token (XOAUTH2, OAUTHBEARER)", ErrLogin)
	}
	response, err := transport.BearerResponse(m, a)
	if err != nil {
		return err
	}
	c.setDeadline()
	transport.Allow(c.net, maxAnswerBytes)
	c.tags++
	tag := fmt.Sprintf("O%d", c.tags)
	if _, err := fmt.Fprintf(c.net, "%s AUTHENTICATE %s\r\n", tag, m); err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	for asked := 0; ; {
		r, err := readResponse(c.in, c.literal)
		if err != nil {
			return fmt.Errorf("log in: %w", err)
		}
		switch {
		case r.tag == tag && r.kind == "OK":
			return nil
		case r.tag == tag:
			return fmt.Errorf("%w: %s", ErrLogin, r.text)
		case r.tag != "+":
			continue
		}
		if asked++; asked > 2 {
			return errors.New("log in: the server asks on and on")
		}
		answer := response
		if asked == 2 {
			answer = transport.BearerAbort(m)
		}
		if _, err := fmt.Fprintf(c.net, "%s\r\n", base64.StdEncoding.EncodeToString([]byte(answer))); err != nil {
			return fmt.Errorf("log in: %w", err)
		}
	}
}
