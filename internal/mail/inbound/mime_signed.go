package inbound

import (
	"encoding/binary"
	"regexp"
)

// maxSigned is how much of a signed message is looked at, and maxBefore how far into it what was signed begins.
const (
	maxSigned = 1 << 20
	maxBefore = 4 << 10
)

var beginsEntity = regexp.MustCompile(`^(?i)(?:content-[a-z-]+|mime-version)[ \t]*:`)

// signedContent returns the message within one that is signed as a whole (RFC 8551, 3.5.2), or nil. It is found by its octet strings, without reading
// the structure around them: nothing is verified, and nested structures cost nothing.
func signedContent(der []byte) (out []byte) {
	for at := range min(len(der), maxBefore) {
		content, next, ok := octetString(der, at)
		if !ok || !beginsEntity.Match(content[:min(len(content), 80)]) {
			continue
		}
		for ok { // a long one comes in pieces
			out = append(out, content...)
			content, next, ok = octetString(der, next)
		}
		return out
	}
	return nil
}

// octetString reads a primitive octet string of DER at a place.
func octetString(der []byte, at int) (content []byte, next int, ok bool) {
	if at+2 > len(der) || der[at] != 4 {
		return nil, 0, false
	}
	size, begin := int(der[at+1]), at+2
	if size >= 0x80 {
		n := size & 0x7f
		if n < 1 || n > 4 || begin+n > len(der) {
			return nil, 0, false
		}
		var length [8]byte
		copy(length[8-n:], der[begin:begin+n])
		size, begin = int(binary.BigEndian.Uint64(length[:])), begin+n
	}
	if size > len(der)-begin {
		size = len(der) - begin // it was cut
	}
	return der[begin : begin+size], begin + size, size > 0
}
