package htmlview_test

import (
	"strings"
	"testing"

	"outrider/internal/mail/htmlview"
)

func TestNothingIsLeftThatLoadsOrRuns(t *testing.T) {
	t.Parallel()
	page := htmlview.Show(`<html><head><style>@import "https://spy.test/a.css"; p { background: url(https://spy.test/b) }</style><link rel=stylesheet href=https://spy.test/c><base href="https://spy.test/"><meta http-equiv=refresh content="0;https://spy.test/d"></head>
<body background="https://spy.test/e" onload="steal()"><p style="background:url(https://spy.test/f)" class=x>Gladly, <b>Thursday</b></p><img src="https://spy.test/g" srcset="https://spy.test/h 2x"><svg><image href="https://spy.test/i"/></svg>
<script>steal()</script><iframe src="https://spy.test/j"></iframe><form action="https://spy.test/k"><input name=p></form><video poster="https://spy.test/l"></video><object data="https://spy.test/m"></object>
<a href="javascript:steal()">click</a> <a href="https://example.com/x" target=_top ping="https://spy.test/n">our page</a> <a href=" java&#115;cript:steal()">or</a><table background="https://spy.test/o"><tr><td colspan=2 width=1 style="display:none">cell</td></tr></table></body></html>`, htmlview.View{}).Page
	for _, bad := range []string{"spy.test", "steal", "style", "<img", "<script", "<iframe", "<form", "onload", "javascript", "target", "background"} {
		if strings.Contains(strings.ToLower(page), bad) {
			t.Errorf("%q is left in %s", bad, page)
		}
	}
	for _, good := range []string{"<p>Gladly, <b>Thursday</b></p>", `<a href="https://example.com/x" rel="nofollow noreferrer">our page</a>`, `<td colspan="2">cell</td>`} {
		if !strings.Contains(page, good) {
			t.Errorf("%q is gone from %s", good, page)
		}
	}
}

// shown is a mail of which images are shown, each under its address in letters.
func shown(source string) htmlview.Shown {
	return htmlview.Show(source, htmlview.View{
		Ours: func(address string) bool { return strings.Contains(address, "ours.test") },
		Image: func(address string) string {
			return htmlview.ImagePath + strings.NewReplacer(":", "_", "/", "-", ".", "_", "?", "_").Replace(address)
		},
		Origins: []string{"https://app.ours.test", "http://127.0.0.1:8080"},
	})
}

func TestImagesAreShownThroughUsWhereTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	const mail = `<p>Hello</p><img src="https://a.test/logo.png" alt="Our <logo>" width=120 height="40" onerror=steal() style="x">`
	off := htmlview.Show(mail, htmlview.View{})
	if off.Images != 1 || strings.Contains(off.Page, "<img") || !strings.Contains(off.Page, "Our &lt;logo&gt;") || !strings.Contains(off.Policy, "img-src 'none'") || !strings.Contains(off.Page, "img-src &#39;none&#39;") {
		t.Errorf("not asked for: %+v", off)
	}
	on := shown(mail)
	if want := `<img src="/v1/inbox/images/https_--a_test-logo_png" alt="Our &lt;logo&gt;" width="120" height="40">`; on.Images != 1 || !strings.Contains(on.Page, want) {
		t.Errorf("got %+v, want %s", on, want)
	}
	if want := "default-src 'none'; img-src https://app.ours.test/v1/inbox/images/ http://127.0.0.1:8080/v1/inbox/images/; base-uri"; !strings.HasPrefix(on.Policy, want) || strings.Contains(on.Page, "a.test/") || strings.Contains(on.Page, "steal") {
		t.Errorf("got %+v, want %s", on, want)
	}
}

func TestWhichImagesAreShown(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		`<img src=" https://a.test/x ">`:                                 "https_--a_test-x",
		`<IMG SRC='//a.test/x'>`:                                         "https_--a_test-x",
		`<img src="https://a.test/x#f" src="https://b.test/y">`:          "https_--a_test-x",
		`<img srcset="https://a.test/x 1x, https://a.test/y 2x">`:        "https_--a_test-x",
		`<img src="cid:1" srcset="https://a.test/x">`:                    "https_--a_test-x",
		`<img src=https://a.test/x width=0>`:                             "",
		`<img src=https://a.test/x height="1px">`:                        "",
		`<img src="https://app.ours.test/t/o/abc">`:                      "",
		`<img src="https://proxy.test/#http://app.ours.test/t/o/abc">`:   "",
		`<img src="https://proxy.test/?u=http://app.ours.test/t/o/abc">`: "",
		`<img src="cid:logo">`:                                           "",
		`<img src="data:image/png;base64,AAAA">`:                         "",
		`<img src="/v1/inbox/images/forged">`:                            "",
		`<img src="javascript:steal()">`:                                 "",
		`<img src="ftp://a.test/x">`:                                     "",
		`<img src="https://user:pass@a.test/x">`:                         "",
		`<img src="https:x">`:                                            "",
		`<img src="https://a.test/` + strings.Repeat("x", 5000) + `">`:   "",
		`<img alt="x">`: "",
		`<style><img src="https://a.test/x"></style>`:            "",
		`<svg><image href="https://a.test/x"></image></svg>`:     "",
		`<input type=image src="https://a.test/x">`:              "",
		`<table background="https://a.test/x"><tr><td>x</table>`: "",
		`<p style="background:url(https://a.test/x)">x</p>`:      "",
		`<picture><source srcset="https://a.test/x"></picture>`:  "",
	} {
		got := shown(tag)
		_, after, _ := strings.Cut(got.Page, `<img src="/v1/inbox/images/`)
		src, _, _ := strings.Cut(after, `"`)
		if src != want || got.Images != min(len(want), 1) || strings.Contains(got.Page, "a.test/") {
			t.Errorf("%s: %q of %d, want %q: %s", tag, src, got.Images, want, got.Page)
		}
	}
	many := shown(strings.Repeat(`<img src="https://a.test/x">`, htmlview.MaxImages+2))
	if n := strings.Count(many.Page, "<img"); n != htmlview.MaxImages || many.Images != htmlview.MaxImages+2 {
		t.Errorf("%d of %d are shown", n, many.Images)
	}
}

func TestLinksToUsAndToWhereTheFrameStandsAreGone(t *testing.T) {
	t.Parallel()
	page := shown(`<a href="https://app.ours.test/u/abc">a</a> <a href="/o/acme">b</a> <a href="//app.ours.test/t/c/abc">c</a> <a href="https:/v1/inbox">d</a> <a href="mailto:ann@example.com">e</a> <a name=f>f</a> <a href=" https://example.com/?a=1&amp;b=2 ">g</a>`).Page
	if want := `a b c d <a href="mailto:ann@example.com" rel="nofollow noreferrer">e</a> f <a href="https://example.com/?a=1&amp;b=2" rel="nofollow noreferrer">g</a>`; !strings.Contains(page, want) {
		t.Errorf("got %s, want %s", page, want)
	}
}
