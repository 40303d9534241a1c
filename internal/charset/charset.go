// Package charset reads text in the character set that it is written in, named or not.
package charset

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Names of character sets that need a look before the detector's, as in the WHATWG's list.
const (
	UTF8        = "utf-8"
	UTF16LE     = "utf-16le"
	UTF16BE     = "utf-16be"
	Windows1252 = "windows-1252"
)

// NewReader returns UTF-8 of what r gives in a character set, by any name that the WHATWG or the IANA have for it. A byte
// order mark is left out. What is invalid in UTF-8 is read as Windows-1252, as files that grew over years are mixed.
func NewReader(r io.Reader, name string) (io.Reader, error) {
	e, err := findEncoding(name)
	if err != nil {
		return nil, err
	}
	switch canonical, _ := htmlindex.Name(e); canonical {
	case UTF8:
		return transform.NewReader(r, transform.Chain(unicode.BOMOverride(transform.Nop), lenientUTF8{})), nil
	case UTF16LE:
		e = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case UTF16BE:
		e = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	return e.NewDecoder().Reader(r), nil
}

// findEncoding prefers the WHATWG's reading of a name: whoever says ISO-8859-1 or GB2312 means Windows-1252 or GBK.
func findEncoding(name string) (encoding.Encoding, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	if other, ok := otherNames()[name]; ok {
		name = other
	}
	if e, err := htmlindex.Get(name); err == nil && e != encoding.Replacement {
		return e, nil
	}
	if e, err := ianaindex.IANA.Encoding(name); err == nil && e != nil {
		return e, nil
	}
	return nil, fmt.Errorf("character set %q is not known; use the name that the IANA has for it, such as utf-8, windows-1252 or shift_jis", name)
}

// otherNames are names that programs write and neither list has.
func otherNames() map[string]string {
	return map[string]string{
		"cp932": "shift_jis", "windows-932": "shift_jis", "cp936": "gbk", "windows-936": "gbk", "cp949": "euc-kr", "windows-949": "euc-kr", "ms949": "euc-kr", "cp950": "big5", "windows-950": "big5",
		"utf8mb4": UTF8, "utf_8": UTF8, "latin-1": Windows1252, "iso-8859-1-windows-3.0-latin-1": Windows1252, "iso 8859-1": Windows1252, "iso8859_1": Windows1252, "win-1251": "windows-1251", "win1251": "windows-1251",
		"gb_2312": "gbk", "gb-2312": "gbk", "gb18030-2000": "gb18030", "euckr": "euc-kr", "eucjp": "euc-jp", "iso-2022-jp-1": "iso-2022-jp", "iso-2022-jp-2": "iso-2022-jp", "cp50220": "iso-2022-jp", "cp50221": "iso-2022-jp",
	}
}

// lenientUTF8 passes UTF-8 and reads what is invalid in it, byte by byte, as Windows-1252: a file whose first 64 KB were
// plain ASCII may still turn out to be that.
type lenientUTF8 struct{ transform.NopResetter }

func (lenientUTF8) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
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

// trimCutRune leaves out a rune that the end of a sample cuts.
func trimCutRune(sample []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(sample); n++ {
		if tail := sample[len(sample)-n:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return sample[:len(sample)-n]
			}
			break
		}
	}
	return sample
}

// markedCharset returns what a byte order mark says, or "".
func markedCharset(sample []byte) string {
	switch {
	case bytes.HasPrefix(sample, []byte{0xEF, 0xBB, 0xBF}):
		return UTF8
	case bytes.HasPrefix(sample, []byte{0xFF, 0xFE}):
		return UTF16LE
	case bytes.HasPrefix(sample, []byte{0xFE, 0xFF}):
		return UTF16BE
	}
	return ""
}
