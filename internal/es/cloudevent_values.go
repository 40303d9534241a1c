package es

import (
	"time"
	"unsafe"

	"github.com/google/uuid"
)

const timeLayout = "2006-01-02T15:04:05.000000Z"

// unsafeString reads bytes as a string without a copy, for parsers that keep nothing.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// parseInt reads what fits into 18 decimal digits and is not negative.
func parseInt(b []byte) (n int64, ok bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// parseUUID reads the 36 characters of RFC 9562 and none of the other forms that uuid.Parse knows.
func parseUUID(b []byte) (id uuid.UUID, ok bool) {
	if len(b) != 36 || b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' {
		return id, false
	}
	at := 0
	for i := range id {
		if at == 8 || at == 13 || at == 18 || at == 23 {
			at++
		}
		h, l := hexValue[b[at]], hexValue[b[at+1]]
		if h|l > 15 {
			return uuid.UUID{}, false
		}
		id[i] = h<<4 | l
		at += 2
	}
	return id, true
}

// hexValue is 255 for what is no hexadecimal digit.
var hexValue = func() (t [256]byte) { //nolint:gochecknoglobals // a constant table
	for i := range t {
		t[i] = 255
	}
	for i := range byte(10) {
		t['0'+i] = i
	}
	for i := range byte(6) {
		t['a'+i], t['A'+i] = 10+i, 10+i
	}
	return t
}()

// parseTime reads timeLayout and nothing else; it is a third of time.Parse's cost, at every event read.
func parseTime(b []byte) (t time.Time, ok bool) {
	if len(b) != len(timeLayout) || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' || b[19] != '.' || b[26] != 'Z' {
		return t, false
	}
	var n [7]int
	for i, at := range [7][2]int{{0, 4}, {5, 7}, {8, 10}, {11, 13}, {14, 16}, {17, 19}, {20, 26}} {
		v, ok := parseInt(b[at[0]:at[1]])
		if !ok {
			return t, false
		}
		n[i] = int(v)
	}
	if n[3] > 23 || n[4] > 59 || n[5] > 59 {
		return t, false
	}
	t = time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], n[6]*1000, time.UTC)
	return t, t.Day() == n[2] && t.Month() == time.Month(n[1])
}

func internActor(b []byte) string {
	switch string(b) {
	case ActorPerson:
		return ActorPerson
	case ActorAPIKey:
		return ActorAPIKey
	case ActorProvider:
		return ActorProvider
	case ActorClock:
		return ActorClock
	case ActorOperator:
		return ActorOperator
	}
	return string(b)
}
