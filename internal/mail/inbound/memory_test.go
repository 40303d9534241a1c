package inbound_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"outrider/internal/mail/inbound"
)

// maxAllocated is what reading and classing one mail may allocate in all, in bytes, however large it is.
const maxAllocated = 16 << 20

//nolint:paralleltest // it counts what the process allocates
func TestReadingTakesBoundedMemory(t *testing.T) {
	const size = inbound.MaxBytes
	fill := func(s string, n int) string { return strings.Repeat(s, n/len(s)+1) }
	var nested strings.Builder
	for i := range 200 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	for name, raw := range map[string]string{
		"text behind a file":     "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: image/png\r\n\r\n" + fill("AAAAAAAA\r\n", size-200) + "\r\n--b\r\n\r\nhi\r\n--b--",
		"text":                   "Subject: x\r\n\r\n" + fill("word ", size),
		"text in lines":          "Subject: x\r\n\r\n" + fill("some words\r\n", size),
		"quoted lines":           "Subject: x\r\n\r\n" + fill("> > some words\r\n", size),
		"base64":                 "Content-Transfer-Encoding: base64\r\n\r\n" + fill("QUJD", size),
		"signed as a whole":      "Content-Type: application/pkcs7-mime\r\n\r\n" + fill("\x04\x08MIME-Version:", size),
		"quoted-printable":       "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + fill("=C3=A9", size),
		"soft line breaks":       "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + fill("=\r\n", size),
		"HTML":                   "Content-Type: text/html\r\n\r\n" + fill("<blockquote><p>x", size),
		"many texts":             "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + fill("--b\r\n\r\n"+fill("some words\r\n", 1<<17), size),
		"many parts":             "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + fill("--b\r\n\r\nx\r\n", size),
		"parts within parts":     nested.String() + fill("x", size),
		"a header":               fill("X-A: b\r\n", size) + "\r\nhi",
		"one field":              "References: " + fill("<a@b.example> ", size) + "\r\n\r\nhi",
		"parameters":             "Content-Type: text/plain" + fill("; a=b", size) + "\r\n\r\nhi",
		"encoded words":          "Subject: " + fill("=?utf-8?Q?a?= ", size) + "\r\n\r\nhi",
		"addresses":              "To: " + fill("a+b@example.com, ", size) + "\r\n\r\nhi",
		"recipients of a report": "Content-Type: message/delivery-status\r\n\r\n" + fill("Action: failed\r\n\r\n", size),
	} {
		t.Run(name, func(t *testing.T) {
			in := []byte(raw)
			inbound.Classify(inbound.Read([]byte("x: y\r\n\r\nhi")), inbound.Context{}) // phrases are compiled once
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			inbound.Classify(inbound.Read(in), inbound.Context{OurSubject: "x", Sent: []string{raw[:min(len(raw), 100<<10)]}, Received: monday()})
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > maxAllocated {
				t.Errorf("%d bytes, want %d at most", n, maxAllocated)
			} else {
				t.Logf("%.1f MB", float64(n)/1e6)
			}
		})
	}
}
