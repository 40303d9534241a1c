package imap

import (
	"bufio"
	"errors"
	"strconv"
	"strings"
)

// maxNumbers is how many results of one search are read; the others wait for the next.
const maxNumbers = 1 << 20

// response is one answer of the server, or one piece of news (RFC 9051, 7).
type response struct {
	tag       string // "*", "+" or that of a command
	kind      string // OK, FETCH, SEARCH, ..., in capitals
	number    uint32 // that stands before the kind
	code      string // in [] behind OK and the like, in capitals
	argument  string // of the code
	text      string
	values    []value
	numbers   []uint32 // of SEARCH
	malformed bool     // only a part of it could be read
}

// isStatus says whether a response is one of RFC 9051, 7.1.
func (r response) isStatus() bool {
	switch r.kind {
	case "OK", "NO", "BAD", "BYE", "PREAUTH":
		return true
	}
	return false
}

// readResponse reads the next one. An error is the connection's; one that follows no rule is malformed, and what follows it can be read.
func readResponse(in *bufio.Reader, literal int64) (r response, err error) {
	v := valueReader{in: in, literal: literal}
	err = r.readFrom(&v)
	if errors.Is(err, errMalformed) {
		r.malformed = true
		return r, v.skipLine()
	}
	return r, err
}

func (r *response) readFrom(v *valueReader) (err error) {
	if r.tag, err = v.readWord(); err != nil {
		return err
	}
	if r.tag == "+" {
		return r.readText(v)
	}
	if r.kind, err = v.readWord(); err != nil {
		return err
	}
	if n, bad := strconv.ParseUint(r.kind, 10, 32); bad == nil {
		r.number = uint32(n)
		if r.kind, err = v.readWord(); err != nil {
			return err
		}
	}
	switch r.kind = strings.ToUpper(r.kind); {
	case r.isStatus():
		return r.readStatus(v)
	case r.kind == "SEARCH":
		return r.readNumbers(v)
	}
	if r.values, err = v.readValues(0); err != nil {
		return err
	}
	return v.endLine()
}

// readWord reads to a blank and over it.
func (v *valueReader) readWord() (string, error) {
	word, err := v.readAtom()
	for err == nil {
		var b byte
		if b, err = v.peekByte(); err != nil || b != ' ' && b != '\t' {
			break
		}
		_, err = v.readByte()
	}
	return word, err
}

func (v *valueReader) endLine() error {
	_, err := v.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return errMalformed
	}
	return err
}

// readText is for what ends with the line; a server may say any length of it, but little is kept.
func (r *response) readText(v *valueReader) error {
	for {
		part, err := v.in.ReadSlice('\n')
		if room := 4096 - len(r.text); room > 0 {
			r.text += string(part[:min(len(part), room)])
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			r.text = strings.TrimSpace(r.text)
			return err
		}
	}
}

func (r *response) readStatus(v *valueReader) error {
	if err := r.readText(v); err != nil || !strings.HasPrefix(r.text, "[") {
		return err
	}
	inside, text, found := strings.Cut(r.text[1:], "]")
	if !found {
		return nil
	}
	r.code, r.argument, _ = strings.Cut(strings.TrimSpace(inside), " ")
	r.code, r.text = strings.ToUpper(r.code), strings.TrimSpace(text)
	return nil
}

// readNumbers reads what a search found.
func (r *response) readNumbers(v *valueReader) error {
	for {
		b, err := v.peekByte()
		if err != nil {
			return err
		}
		switch b {
		case '\r', '\n':
			return v.endLine()
		case '(', ')', '{', '"': // of MODSEQ (RFC 7162)
			return v.skipLine()
		}
		v.read = 0 // there may be many
		word, err := v.readWord()
		if err != nil {
			return err
		}
		if n, bad := strconv.ParseUint(word, 10, 32); bad == nil && n > 0 && len(r.numbers) < maxNumbers {
			r.numbers = append(r.numbers, uint32(n))
		}
	}
}
