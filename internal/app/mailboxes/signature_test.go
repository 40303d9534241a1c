package mailboxes

import (
	"errors"
	"strings"
	"testing"
)

func TestASignatureIsSimple(t *testing.T) {
	t.Parallel()
	for html, field := range map[string]string{
		"": "",
		`<p style="color:#333; font-size:12px"><b>Jane Doe</b><br>Acme &amp; Co</p><a href="https://example.com/">Site</a> <a href="tel:+15550100">call</a>`: "",
		`<table cellpadding="0"><tbody><tr><td width="10">x</td></tr></tbody></table>`:                                                                       "",
		`<img src="https://example.com/logo.png">`:         "html",
		`<img src="cid:logo">`:                             "html",
		`<script>alert(1)</script>`:                        "html",
		`<a href="javascript:alert(1)">x</a>`:              "html",
		`<a href="data:text/html,x">x</a>`:                 "html",
		`<p onclick="x()">x</p>`:                           "html",
		`<p style="background:url(https://example.com)">x`: "html",
		`<p style="width:expression(alert(1))">x</p>`:      "html",
		`<b>no end`:       "html",
		`</body><p>x</p>`: "html",
		`<!-- x -->`:      "html",
		`<div>` + strings.Repeat("x", maxSignatureHTML) + `</div>`: "html",
	} {
		s := Signature{Text: "Jane", HTML: html}
		var wrong *SignatureError
		got := ""
		if err := s.Check(); errors.As(err, &wrong) {
			got = wrong.Field
		}
		if got != field {
			t.Errorf("%.60s: refused for %q, want %q", html, got, field)
		}
	}
	for _, s := range []Signature{{HTML: "<b>x</b>"}, {Text: strings.Repeat("ä", maxSignatureText+1)}, {Text: "Jane\u202e"}} {
		if s.Check() == nil {
			t.Errorf("%.20q is taken", s.Text)
		}
	}
}
