package imap

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
)

// readLiteral takes no more memory than is kept.
func (r *valueReader) readLiteral() (value, error) {
	head, err := readTail(r.in)
	if err != nil {
		return value{}, err
	}
	size, ok := literalSize(head)
	if !ok {
		r.over = true
		return value{}, errMalformed
	}
	var text strings.Builder
	kept := max(min(size, r.literal-r.kept), 0) // of all literals of a response together
	r.kept += kept
	if _, err := io.CopyN(&text, r.in, kept); err != nil {
		return value{}, err
	}
	_, err = io.CopyN(io.Discard, r.in, size-kept)
	return value{text: text.String(), cut: size > kept}, err
}

// literalSize reads the {size} at the end of a line.
func literalSize(line string) (int64, bool) {
	line = strings.TrimRight(line, "\r\n \t")
	open := strings.LastIndexByte(line, '{')
	if open < 0 || !strings.HasSuffix(line, "}") {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(line[open+1:len(line)-1], "+"), 10, 64)
	return n, err == nil && n >= 0
}

// skipLine reads over the rest of a response, with the literals in it.
func (r *valueReader) skipLine() error {
	for !r.over {
		tail, err := readTail(r.in)
		if err != nil {
			return err
		}
		size, more := literalSize(tail)
		if r.over = !more; r.over {
			break
		}
		if _, err := io.CopyN(io.Discard, r.in, size); err != nil {
			return err
		}
	}
	return nil
}

// readTail reads to the end of a line and gives the last bytes of it.
func readTail(in *bufio.Reader) (string, error) {
	var tail []byte
	for {
		part, err := in.ReadSlice('\n')
		if tail = append(tail, part...); len(tail) > 64 {
			tail = append([]byte(nil), tail[len(tail)-64:]...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return string(tail), err
		}
	}
}
