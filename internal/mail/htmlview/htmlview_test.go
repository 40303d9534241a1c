package htmlview_test

import (
	"strings"
	"testing"

	"outrider/internal/mail/htmlview"
)

func TestNothingIsLeftThatLoadsOrRuns(t *testing.T) {
	t.Parallel()
	page := htmlview.Page(`<html><head><style>@import "https://spy.test/a.css"; p { background: url(https://spy.test/b) }</style><link rel=stylesheet href=https://spy.test/c><base href="https://spy.test/"><meta http-equiv=refresh content="0;https://spy.test/d"></head>
<body background="https://spy.test/e" onload="steal()"><p style="background:url(https://spy.test/f)" class=x>Gladly, <b>Thursday</b></p><img src="https://spy.test/g" srcset="https://spy.test/h 2x"><svg><image href="https://spy.test/i"/></svg>
<script>steal()</script><iframe src="https://spy.test/j"></iframe><form action="https://spy.test/k"><input name=p></form><video poster="https://spy.test/l"></video><object data="https://spy.test/m"></object>
<a href="javascript:steal()">click</a> <a href="https://example.com/x" target=_top ping="https://spy.test/n">our page</a> <a href=" java&#115;cript:steal()">or</a><table background="https://spy.test/o"><tr><td colspan=2 width=1 style="display:none">cell</td></tr></table></body></html>`)
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
