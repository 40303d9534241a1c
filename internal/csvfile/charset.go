package csvfile

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Names of character sets, as in the IANA registry, in lower case.
const (
	UTF8        = "utf-8"
	UTF16LE     = "utf-16le"
	UTF16BE     = "utf-16be"
	Windows1252 = "windows-1252"
)

// guessCharset trusts a byte order mark, then zero bytes (UTF-16 of mostly Latin text), then validity as UTF-8.
func guessCharset(sample []byte) string {
	switch {
	case bytes.HasPrefix(sample, []byte{0xEF, 0xBB, 0xBF}):
		return UTF8
	case bytes.HasPrefix(sample, []byte{0xFF, 0xFE}):
		return UTF16LE
	case bytes.HasPrefix(sample, []byte{0xFE, 0xFF}):
		return UTF16BE
	}
	var zero [2]int
	for i, b := range sample {
		if b == 0 {
			zero[i%2]++
		}
	}
	if n := len(sample) / 2; n > 0 {
		switch {
		case zero[1]*10 > n*4 && zero[0] == 0:
			return UTF16LE
		case zero[0]*10 > n*4 && zero[1] == 0:
			return UTF16BE
		}
	}
	whole := sample
	for i := 0; i < utf8.UTFMax && len(whole) > 0 && !utf8.Valid(whole); i++ {
		whole = whole[:len(whole)-1] // the sample may cut a rune
	}
	if utf8.Valid(whole) {
		return UTF8
	}
	return Windows1252
}

func decode(r io.Reader, charset string) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case UTF8, "utf8":
		return transform.NewReader(r, transform.Chain(unicode.BOMOverride(transform.Nop), lenient{})), nil
	case UTF16LE, "utf-16":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(r), nil
	case UTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Reader(r), nil
	case Windows1252, "latin1", "iso-8859-1", "cp1252":
		return charmap.Windows1252.NewDecoder().Reader(r), nil
	}
	return nil, fmt.Errorf("character set %q is not known; use utf-8, utf-16le, utf-16be or windows-1252", charset)
}

// lenient passes UTF-8 and reads what is invalid in it, byte by byte, as Windows-1252: a file whose first 64 KB were
// plain ASCII may still turn out to be that.
type lenient struct{ transform.NopResetter }

func (lenient) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if src[nSrc] < utf8.RuneSelf {
			if nDst == len(dst) {
				return nDst, nSrc, transform.ErrShortDst
			}
			dst[nDst] = src[nSrc]
			nDst, nSrc = nDst+1, nSrc+1
			continue
		}
		r, size := utf8.DecodeRune(src[nSrc:])
		if r == utf8.RuneError && size <= 1 {
			if !atEOF && !utf8.FullRune(src[nSrc:]) {
				return nDst, nSrc, transform.ErrShortSrc
			}
			r, size = charmap.Windows1252.DecodeByte(src[nSrc]), 1
		}
		if nDst+utf8.RuneLen(r) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}
