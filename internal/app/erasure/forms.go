package erasure

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/url"
	"strings"
	"unicode/utf16"
)

// Needle is a value to look for, in every form in which software writes text.
type Needle struct {
	Value string
	forms [][]byte
}

// NewNeedle takes a value of at least four bytes: shorter ones stand everywhere.
func NewNeedle(value string) (n Needle, ok bool) {
	if len(value) < 4 {
		return n, false
	}
	n.Value = value
	for _, v := range []string{value, strings.ToLower(value), strings.ToUpper(value)} {
		n.addForms([]byte(v))
		quoted, _ := json.Marshal(v) // a string can be written
		n.add(bytes.Trim(quoted, `"`))
		n.add([]byte(url.QueryEscape(v)))
		n.add([]byte(url.PathEscape(v)))
		for _, order := range [][2]int{{8, 0}, {0, 8}} {
			var wide []byte
			for _, u := range utf16.Encode([]rune(v)) {
				wide = append(wide, byte(u>>order[0]), byte(u>>order[1]))
			}
			n.addForms(wide)
		}
	}
	return n, true
}

// Bytes is a needle of bytes that are no text, such as a wrapped key.
func Bytes(name string, b []byte) Needle {
	n := Needle{Value: name}
	n.addForms(b)
	return n
}

// addForms adds bytes as they are, in hexadecimal and in base64 at each of the three places that they can begin at.
func (n *Needle) addForms(b []byte) {
	n.add(b)
	n.add([]byte(hex.EncodeToString(b)))
	n.add([]byte(strings.ToUpper(hex.EncodeToString(b))))
	for _, coding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			text := coding.EncodeToString(append(make([]byte, before), b...))
			from, to := (before*8+5)/6, len(text)
			if (before+len(b))%3 != 0 {
				to-- // its last character depends on what follows
			}
			n.add([]byte(text[from:to]))
		}
	}
}

func (n *Needle) add(form []byte) {
	if len(form) < 4 {
		return
	}
	for _, f := range n.forms {
		if bytes.Equal(f, form) {
			return
		}
	}
	n.forms = append(n.forms, form)
}

// In reports whether data holds the value in any form.
func (n Needle) In(data []byte) bool {
	for _, f := range n.forms {
		if bytes.Contains(data, f) {
			return true
		}
	}
	return false
}

func (n Needle) longest() (most int) {
	for _, f := range n.forms {
		most = max(most, len(f))
	}
	return most
}

// searchPart is how much is looked at together.
const searchPart = 1 << 20

// Search returns the values of the needles that are in what r gives.
func Search(r io.Reader, needles []Needle) (found []string, err error) {
	overlap := 0
	for _, n := range needles {
		overlap = max(overlap, n.longest())
	}
	is := make([]bool, len(needles))
	buffer := make([]byte, 0, overlap+searchPart)
	for {
		n, err := io.ReadFull(r, buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		for i, x := range needles {
			if !is[i] && x.In(buffer) {
				is[i], found = true, append(found, x.Value)
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF { // as io.ReadFull says
			return found, nil
		}
		if err != nil {
			return found, err
		}
		keep := min(overlap, len(buffer))
		copy(buffer, buffer[len(buffer)-keep:])
		buffer = buffer[:keep]
	}
}
