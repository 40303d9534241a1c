// Package skim takes the files out of a message while it comes in, so that a text behind a large one can be read with little memory.
package skim

import (
	"bytes"
	"regexp"
	"strings"
)

// What is kept at most: of a message, of one part that isn't a file, and of one line before it counts as two.
const (
	MaxBytes = 4 << 20
	maxPart  = 512 << 10
	maxLine  = 64 << 10
)

// Writer takes a message piece by piece. Its zero value is ready.
type Writer struct {
	kept    bytes.Buffer
	line    []byte // that hasn't ended yet
	inLine  bool   // it goes on with one that was too long
	body    bool   // it stands in a body, not in a header
	header  strings.Builder
	bounds  []string // that parts begin with
	keeps   bool     // the part is kept
	left    int      // of it, in bytes
	before  bool     // it has parts, and none of them has begun
	isText  bool     // it is meant to be read
	written bool     // and has something in it
	found   bool     // one such part has ended
}

// Write never fails.
func (w *Writer) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n') + 1
		if end == 0 {
			end = len(p)
		}
		w.line = append(w.line, p[:end]...)
		p = p[end:]
		if ended := w.line[len(w.line)-1] == '\n'; ended || len(w.line) >= maxLine {
			w.takeLine()
			w.line, w.inLine = w.line[:0], !ended
		}
	}
	return n, nil
}

// Bytes returns what is kept: all headers, and of the parts those that aren't files.
func (w *Writer) Bytes() []byte {
	if len(w.line) > 0 {
		w.takeLine()
		w.line = nil
	}
	return w.kept.Bytes()
}

// HasText reports whether a text has come to its end, or to the end of what is kept of one, or is all that the message has.
func (w *Writer) HasText() bool {
	return w.found || w.isText && (w.written && w.left <= 0 || len(w.bounds) == 0)
}

func (w *Writer) takeLine() {
	text := bytes.TrimRight(w.line, "\r\n")
	switch {
	case !w.inLine && w.isBoundary(text):
		w.found = w.found || w.isText && w.written
		w.keepLine()
		w.body, w.isText, w.written, w.before, w.keeps = false, false, false, false, true
		if w.header.Reset(); bytes.HasSuffix(text, []byte("--")) {
			w.body, w.left = true, maxPart // what comes behind the last part is no header
		}
	case w.body:
		if w.keeps && w.left > 0 {
			w.keepLine()
			w.left -= len(w.line)
			w.written = w.written || len(bytes.TrimSpace(text)) > 0
		}
	case len(text) == 0 && !w.inLine:
		w.keepLine()
		w.beginBody()
	default:
		w.keepLine()
		if w.header.Len() < maxLine {
			w.header.Write(text)
			w.header.WriteByte('\n')
		}
	}
}

func (w *Writer) keepLine() {
	if w.kept.Len()+len(w.line) <= MaxBytes {
		w.kept.Write(w.line)
	}
}

// isBoundary also takes a line that is named nowhere, unless it stands in a text: in a file there is none that begins so.
func (w *Writer) isBoundary(line []byte) bool {
	if !bytes.HasPrefix(line, []byte("--")) {
		return false
	}
	for _, b := range w.bounds {
		if rest, ok := bytes.CutPrefix(line[2:], []byte(b)); ok && strings.Trim(string(rest), "- \t") == "" {
			return true
		}
	}
	found := w.body && (!w.keeps || w.before) && len(line) > 2
	if found && w.before && len(w.bounds) < maxBounds {
		w.bounds = append(w.bounds, string(line[2:]))
	}
	return found
}

const maxBounds = 100

var (
	contentType = regexp.MustCompile(`(?im)^content-type[ \t]*:[ \t]*([^\s;]*)`)
	boundary    = regexp.MustCompile(`(?i)boundary\*?0?\*?[ \t]*=[ \t]*(?:"([^"\n]*)"|([^;\s]+))`)
	attachment  = regexp.MustCompile(`(?im)^content-disposition[ \t]*:[ \t]*attachment`)
)

func (w *Writer) beginBody() {
	header := w.header.String()
	kind := "text/plain"
	if m := contentType.FindStringSubmatch(header); m != nil {
		kind = strings.ToLower(m[1])
	}
	for _, m := range boundary.FindAllStringSubmatch(header, 10) {
		if b := strings.TrimRight(m[1]+m[2], " \t"); b != "" && len(w.bounds) < maxBounds {
			w.bounds = append(w.bounds, b)
		}
	}
	file := attachment.MatchString(header)
	top, _, _ := strings.Cut(kind, "/")
	w.isText = top == "text" && !file
	w.before = top == "multipart"
	w.keeps = w.isText || top == "text" || top == "message" || top == "multipart" || top == ""
	w.body, w.left = true, maxPart
}
