package imap

import (
	"bufio"
	"strings"
	"testing"
)

// Whatever a server says, reading goes on at the next line or ends with the connection, and no more is kept than is allowed.
func FuzzReadResponse(f *testing.F) {
	for _, said := range []string{
		"* OK [UIDNEXT 4] ready\r\n", "* 1 FETCH (UID 1 FLAGS (\\Seen) BODY[HEADER.FIELDS (TO)]<0> {3}\r\nabc INTERNALDATE \" 2-Mar-2026 09:00:00 +0000\")\r\n",
		"* SEARCH 1 2 3 (MODSEQ 5)\r\n", "* ESEARCH (TAG \"O1\") UID ALL 1:3\r\n", "* LIST (\\Junk) \"/\" \"Junk \\\"E-mail\\\"\"\r\n", "+ go on\r\n", "O1 NO [INUSE] no\r\n",
		"* 2 FETCH (BODY[] ~{2}\r\n)) UID 2\r\n", "* X \"a\r\n", "* (((({9}\r\n", "* 1 FETCH (BODY[] {99999999999999999999}\r\n",
	} {
		f.Add(said)
	}
	f.Fuzz(func(t *testing.T, said string) {
		in := bufio.NewReader(strings.NewReader(said + "\r\n* OK end\r\n"))
		for range len(said) + 3 {
			r, err := readResponse(in, 8)
			if err != nil {
				return
			}
			checkKept(t, r.values)
			_ = addSet(nil, r.text)
			_ = readInternalDate(r.text)
			_ = decodeFolderName(r.text)
		}
		t.Error("it never ends")
	})
}

func checkKept(t *testing.T, values []value) {
	t.Helper()
	for _, v := range values {
		if v.cut && len(v.text) != 8 {
			t.Errorf("%d bytes are kept of a literal", len(v.text))
		}
		checkKept(t, v.list)
	}
}
