package imap

import (
	"bufio"
	"errors"
	"strings"
)

// Bounds of one response, whatever a server says. A literal is bounded by its reader.
const (
	maxResponseBytes = 1 << 20 // of all that is no literal
	maxNesting       = 50
)

// Bounds of all that a server says to one command. A folder of a million messages is listed within them, a batch of large ones fetched. What is beyond is
// transport.ErrExceeded.
const (
	maxAnswerBytes  = 16 << 20
	maxFetchBytes   = 64 << 20
	maxResponses    = 100_000
	maxCapabilities = 1000
	maxFolders      = 10_000
)

// errMalformed is for a response that follows no rule of RFC 9051. What follows it can be read all the same.
var errMalformed = errors.New("malformed response")

// value is a part of a response: an atom, a string or a list.
type value struct {
	text   string
	list   []value
	isList bool
	isNil  bool
	cut    bool // text is only the beginning
}

// valueReader reads the parts of responses, leniently: blanks more or less, atoms of any characters, quoted strings where RFC 9051
// wants literals and the other way round.
type valueReader struct {
	in      *bufio.Reader
	literal int64 // bytes that are kept of one; the rest is read over
	read    int   // bytes of this response that are no literal
	kept    int64 // bytes of its literals
	over    bool  // the line's end was read
}

func (r *valueReader) readByte() (byte, error) {
	if r.read++; r.read > maxResponseBytes {
		return 0, errMalformed
	}
	return r.in.ReadByte()
}

func (r *valueReader) peekByte() (byte, error) {
	b, err := r.in.Peek(1)
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

// readValues reads to a closing bracket, or to the line's end when depth is 0; neither is taken.
func (r *valueReader) readValues(depth int) (out []value, err error) {
	if depth > maxNesting {
		return nil, errMalformed
	}
	for {
		b, err := r.peekByte()
		if err != nil {
			return out, err
		}
		switch b {
		case ' ', '\t':
			_, err = r.readByte()
		case '\r', '\n':
			if depth > 0 {
				return out, errMalformed
			}
			return out, nil
		case ')':
			if depth > 0 {
				return out, nil
			}
			return out, errMalformed
		default:
			var v value
			v, err = r.readValue(b, depth)
			if err == nil || v.isList {
				out = append(out, v)
			}
		}
		if err != nil {
			return out, err
		}
	}
}

func (r *valueReader) readValue(first byte, depth int) (value, error) {
	switch first {
	case '(':
		if _, err := r.readByte(); err != nil {
			return value{}, err
		}
		list, err := r.readValues(depth + 1)
		if err == nil {
			_, err = r.readByte()
		}
		return value{list: list, isList: true}, err
	case '"':
		return r.readQuoted()
	case '{':
		return r.readLiteral()
	}
	text, err := r.readAtom()
	if text == "~" { // a literal8 follows (RFC 3516)
		return r.readLiteral()
	}
	return value{text: text, isNil: strings.EqualFold(text, "NIL")}, err
}

// readAtom reads BODY[HEADER.FIELDS (TO)]<0> as one.
func (r *valueReader) readAtom() (string, error) {
	var text strings.Builder
	inside := false
	for {
		b, err := r.peekByte()
		if err != nil {
			return "", err
		}
		switch {
		case b == '\r' || b == '\n':
			return text.String(), nil
		case b == '{' || b == '"': // a string may follow without a blank
			if before := text.String(); strings.HasSuffix(before, "]") || strings.HasSuffix(before, ">") || before == "~" {
				return before, nil
			}
		case inside:
			inside = b != ']'
		case b == '[':
			inside = true
		case b == ' ' || b == '\t' || b == '(' || b == ')':
			return text.String(), nil
		}
		text.WriteByte(b)
		if _, err := r.readByte(); err != nil {
			return "", err
		}
	}
}

func (r *valueReader) readQuoted() (value, error) {
	var text strings.Builder
	_, err := r.readByte()
	for err == nil {
		var b byte
		if b, err = r.peekByte(); err != nil {
			break
		}
		if b == '\r' || b == '\n' {
			return value{}, errMalformed
		}
		if b, err = r.readByte(); err != nil || b == '"' {
			break
		}
		if b == '\\' {
			if b, err = r.readByte(); err != nil {
				break
			}
		}
		text.WriteByte(b)
	}
	return value{text: text.String()}, err
}
