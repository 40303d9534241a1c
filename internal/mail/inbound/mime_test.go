package inbound_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"outrider/internal/mail/inbound"
)

// Each of these says "Please call me." in a form that breaks a rule, or one that readers forget.
func TestTextComesOutOfUnusualMIME(t *testing.T) {
	t.Parallel()
	const said = "Please call me."
	encoded := base64.StdEncoding.EncodeToString([]byte(said))
	const within = "Content-Type: text/plain; charset=utf-8\r\n\r\n" + said + "\r\n"
	signedAsAWhole := func(der string) []string {
		return []string{"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", "Content-Disposition: attachment; filename=smime.p7m", "Content-Transfer-Encoding: base64", "", base64.StdEncoding.EncodeToString([]byte(der))}
	}
	parts := func(head string, body ...string) []string {
		return append([]string{"Content-Type: " + head, ""}, body...)
	}
	for name, lines := range map[string][]string{
		"another boundary":                {"Content-Type: multipart/alternative; boundary=aa", "", "--zz", "Content-Type: text/plain", "", said, "", "--zz--"},
		"another boundary, HTML first":    {"Content-Type: multipart/mixed; boundary=aa", "", "--zz", "content-type: text/html", "", "<p>" + said + "</p>", "--zz--"},
		"a boundary of two":               parts(`multipart/mixed; boundary="aa"; boundary="bb"`, "--bb", "", said, "--bb--"),
		"no boundary":                     parts("multipart/mixed", "--aa", "Content-Type: text/plain", "", said, "--aa--"),
		"a boundary in single quotes":     parts("multipart/mixed; boundary='aa'", "--'aa'", "", said, "--'aa'--"),
		"a boundary with a blank behind":  parts(`multipart/mixed; boundary="aa "`, "--aa", "", said, "--aa--"),
		"a boundary whose quote is open":  parts(`multipart/mixed; boundary="aa`, "--aa", "", said, "--aa--"),
		"a boundary in pieces":            parts("multipart/mixed;\r\n boundary*0=a;\r\n boundary*1=a", "--aa", "", said, "--aa--"),
		"a boundary inside another":       parts("multipart/mixed; boundary=aa", "--aa", "Content-Type: multipart/alternative; boundary=aab", "", "--aab", "", said, "--aab--", "--aa--"),
		"no end":                          parts("multipart/mixed; boundary=aa", "--aa", "", said),
		"no line before the first part":   {"Content-Type: multipart/mixed; boundary=aa", "--aa", "Content-Type: text/plain", "", said, "--aa--"},
		"a part without a header":         parts("multipart/mixed; boundary=aa", "--aa", "", said, "--aa--"),
		"blanks behind the boundary":      parts("multipart/mixed; boundary=aa", "--aa  ", "", said, "--aa--  "),
		"parameters twice":                parts("text/plain; charset=utf-8; charset=us-ascii", said),
		"no semicolon":                    parts("text/plain charset=utf-8", said),
		"a colon for a semicolon":         parts("text/plain: charset=utf-8", said),
		"an encoded word for a type":      parts("=?utf-8?Q?text/plain?=", said),
		"a type without a second half":    parts("text", said),
		"a type that nobody knows":        parts("text/x-markdown", said),
		"a type in capitals":              parts("TEXT/PLAIN; CHARSET=UTF-8", said),
		"two text parts":                  parts("multipart/mixed; boundary=aa", "--aa", "", " ", "--aa", "Content-Type: image/png", "", "x", "--aa", "", said, "--aa--"),
		"text between pictures":           parts("multipart/related; boundary=aa", "--aa", "Content-Type: image/png", "", "x", "--aa", "Content-Type: text/html", "", said, "--aa--"),
		"text as the only attachment":     parts("multipart/mixed; boundary=aa", "--aa", "Content-Disposition: attachment; filename=text_0.txt", "", said, "--aa--"),
		"HTML beside an empty text":       parts("multipart/alternative; boundary=aa", "--aa", "", "", "--aa", "Content-Type: text/html", "", said, "--aa--"),
		"HTML within an alternative":      parts("multipart/alternative; boundary=aa", "--aa", "", "", "--aa", "Content-Type: multipart/related; boundary=bb", "", "--bb", "Content-Type: text/html", "", said, "--bb--", "--aa--"),
		"base64":                          {"Content-Transfer-Encoding: BASE64", "", encoded},
		"base64 with blanks":              {"Content-Transfer-Encoding: base64", "", encoded[:5] + " " + encoded[5:9], encoded[9:]},
		"base64 with something else":      {"Content-Transfer-Encoding: base64", "", encoded[:8] + "*!" + encoded[8:], "--", "--"},
		"base64 of two":                   {"Content-Transfer-Encoding: base64", "", base64.StdEncoding.EncodeToString([]byte("Please c")), base64.StdEncoding.EncodeToString([]byte("all me."))},
		"quoted-printable, wrong":         {"Content-Transfer-Encoding: quoted-printable", "", "Please=20call=", " me=2E"},
		"quoted-printable, in small":      {"Content-Transfer-Encoding: Quoted-Printable ; x", "", "Please=20c=61ll me=2e"},
		"an encoding that nobody knows":   {"Content-Transfer-Encoding: 8-bit", "", said},
		"a line of an mbox":               {"From bob@example.com Mon Mar  2 09:00:00 2026", "Subject: x", "", said},
		"a field with a blank in front":   {"Subject : x", "Content-Type : text/plain", "", said},
		"a field that is none":            {"From: bob@example.com", "what is this", "Content-Transfer-Encoding: base64", "", encoded},
		"lines that flow":                 parts("text/plain; format=flowed", "Please ", "call ", "me.", "-- ", "Bob"),
		"lines that flow, without blanks": parts("text/plain; format=flowed; delsp=yes", "Please  ", "ca ", "ll me."),
		"lines that flow, quoted":         parts("text/plain; format=flowed", "> some ", "> words", ">> more", "Please call me.", "> say "),
		"parts that are encoded as one":   {"Content-Type: multipart/mixed; boundary=aa", "Content-Transfer-Encoding: base64", "", base64.StdEncoding.EncodeToString([]byte("--aa\r\n\r\n" + said + "\r\n--aa--"))},
		"a calendar beside it":            parts("multipart/mixed; boundary=aa", "--aa", "Content-Type: text/calendar", "", "BEGIN:VCALENDAR", "--aa", "", said, "--aa--"),
		"signed as a whole":               signedAsAWhole("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x04\x03abc\x04\x82" + string([]byte{0, byte(len(within))}) + within + "\xa0\x82\x04\x04junk"),
		"signed, in pieces":               signedAsAWhole("\x30\x80\x24\x80\x04" + string([]byte{byte(len(within) - 5)}) + within[:len(within)-5] + "\x04\x05" + within[len(within)-5:] + "\x00\x00\x00\x00junk"),
		"a signed mail":                   parts(`multipart/signed; micalg=sha-256; protocol="application/pgp-signature"; boundary=aa`, "--aa", "", said, "--aa", "Content-Type: application/pgp-signature", "", "x", "--aa--"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, end := range []string{"\r\n", "\n", "\r\r\n"} {
				if got := inbound.Read([]byte(strings.ReplaceAll(strings.Join(lines, "\r\n"), "\r\n", end) + end)); got.Text != said {
					t.Errorf("lines end with %q: got %q", end, got.Text)
				}
			}
		})
	}
}

func TestASubjectIsReadHoweverItIsEncoded(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"=?utf-8?B?ZGlkYWN0YSB3aXJkIHZlcnNjaG9iZW4gLSBCZWjD?=\r\n =?utf-8?B?tnJkZW4gdmVyYmlldGVu?=": "didacta wird verschoben - Behörden verbieten",
		"=?iso-8859-1?Q?It=92s_fine?=":                               "It’s fine",
		"=?utf-8*en?q?Gr=C3=BC=C3=9Fe?= aus =?ISO-8859-1?Q?K=F6ln?=": "Grüße aus Köln",
		"=?utf-8?Q?a b?=":                                            "a b",
		"=?x-none?Q?Gr=C3=BC=C3=9Fe?=":                               "Grüße",
		"Gr\xfc\xdfe aus K\xf6ln":                                    "Grüße aus Köln",
		"Grüße":                                                      "Grüße",
		"=?gb2312?B?xOO6ww==?= =?gb2312?B?xOO6ww==?=":                "你好你好",
		"=?utf-8?B?R3LDvMOf":                                         "=?utf-8?B?R3LDvMOf",
		"=?=?=?":                                                     "=?=?=?",
	} {
		if got := inbound.Read([]byte("Subject: " + field + "\r\n\r\nx")); got.Subject != want {
			t.Errorf("%q: got %q", field, got.Subject)
		}
	}
}
