package outgoing

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	gomessage "github.com/emersion/go-message"
)

// Parts is a message read back from its bytes: what a mail program shows of it.
type Parts struct {
	Subject    string
	From, To   string
	Text, HTML string
	Headers    []HeaderField // in their order
}

// HeaderField is a line of a message's header, decoded.
type HeaderField struct{ Name, Value string }

// PartsOf reads a composed message.
func PartsOf(raw []byte) (p Parts, err error) {
	e, err := gomessage.Read(bytes.NewReader(raw))
	if err != nil {
		return p, fmt.Errorf("read a message: %w", err)
	}
	for f := e.Header.Fields(); f.Next(); {
		value, err := f.Text()
		if err != nil {
			value = f.Value()
		}
		value = strings.Join(strings.Fields(value), " ")
		p.Headers = append(p.Headers, HeaderField{f.Key(), value})
		switch strings.ToLower(f.Key()) {
		case "subject":
			p.Subject = value
		case "from":
			p.From = value
		case "to":
			p.To = value
		}
	}
	err = e.Walk(func(_ []int, part *gomessage.Entity, err error) error {
		if err != nil {
			return err
		}
		mediaType, _, err := part.Header.ContentType()
		if err != nil {
			return err
		}
		to := map[string]*string{"text/plain": &p.Text, "text/html": &p.HTML}[mediaType]
		if to == nil || *to != "" {
			return nil
		}
		var content bytes.Buffer
		if _, err := io.Copy(&content, part.Body); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		*to = strings.ReplaceAll(content.String(), "\r\n", "\n")
		return nil
	})
	if err != nil {
		return p, fmt.Errorf("read the parts of a message: %w", err)
	}
	return p, nil
}
