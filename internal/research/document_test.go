package research_test

import (
	"net/url"
	"strings"
	"testing"

	"outrider/internal/research"
)

func read(t *testing.T, text string) *research.Document {
	t.Helper()
	at, err := url.Parse("https://example.com/about")
	if err != nil {
		t.Fatal(err)
	}
	return research.ReadHTML(text, at)
}

// TestWhatNobodySeesIsNotRead has the word SECRET wherever a page can hide it.
func TestWhatNobodySeesIsNotRead(t *testing.T) {
	t.Parallel()
	for _, hidden := range []string{
		`<div style="display:none">SECRET</div>`, `<div style="DISPLAY : NONE !important"><p>SECRET</p></div>`, `<p hidden>SECRET</p>`, `<p aria-hidden="true">SECRET</p>`, `<p style="visibility:hidden">SECRET</p>`,
		`<p style="font-size:0">SECRET</p>`, `<p style="font-size: 0px">SECRET</p>`, `<p style="font:0/0 a">SECRET</p>`, `<p style="font-size:1px">SECRET</p>`, `<p style="opacity:0">SECRET</p>`,
		`<p style="color:white">SECRET</p>`, `<p style="color:#FFFFFF;background:#fff">SECRET</p>`, `<div style="background-color:rgb(0, 0, 0)"><p style="color:#000">SECRET</p></div>`, `<font color="#ffffff">SECRET</font>`,
		`<div bgcolor="navy"><font color=navy>SECRET</font></div>`, `<p style="color:transparent">SECRET</p>`, `<p style="position:absolute;left:-9999px">SECRET</p>`, `<p style="text-indent:-5000px">SECRET</p>`,
		`<p style="clip:rect(0,0,0,0);position:absolute">SECRET</p>`, `<p style="clip-path:inset(100%)">SECRET</p>`, `<p style="height:0;overflow:hidden">SECRET</p>`, `<p style="transform:scale(0)">SECRET</p>`,
		`<!-- SECRET -->`, `<script>SECRET</script>`, `<style>SECRET</style>`, `<noscript><p>SECRET</p></noscript>`, `<template>SECRET</template>`, `<img alt="SECRET" title="SECRET">`, `<iframe srcdoc="SECRET">SECRET</iframe>`,
		`<svg><text>SECRET</text></svg>`, `<textarea>SECRET</textarea>`, `<select><option>SECRET</option></select>`, `<input value="SECRET">`, `<meta name="description" content="SECRET">`, `<dialog>SECRET</dialog>`,
		`<style>.gone, p#away { display: none }</style><b class="red gone">SECRET</b><p id="away">SECRET</p>`, `<style>/* .x{} */ .w{color:#fff;background-color:#ffffff}</style><i class=w>SECRET</i>`,
		`<b style="display:none"><b style="display:block">SECRET</b></b>`,
	} {
		d := read(t, `<html><head><title>A title</title></head><body><p>Before.</p>`+hidden+`<p>After.</p></body></html>`)
		if kept := d.Kept(); strings.Contains(kept, "SECRET") || !strings.Contains(d.Text, "Before.") || !strings.Contains(d.Text, "After.") {
			t.Errorf("%s is read as %q", hidden, kept)
		}
	}
	for _, seen := range []string{`<p style="color:#333">SEEN</p>`, `<div style="background:#000"><p style="color:#fff">SEEN</p></div>`, `<p style="opacity:0.9;font-size:12px;left:-10px">SEEN</p>`, `<details>SEEN</details>`,
		`<p aria-hidden="false">SEEN</p>`, `<p class="display-none-not">SEEN</p>`} {
		if d := read(t, seen); d.Text != "SEEN" {
			t.Errorf("%s is read as %q", seen, d.Text)
		}
	}
	if d := read(t, "<p>A\u200bB\u202eC\u00adD\U000E0041E\ufe0fF</p>"); d.Text != "ABCDEF" {
		t.Errorf("characters that nobody sees are read: %q", d.Text)
	}
}

func TestPagesAreReadInTheirCharacterSet(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct{ body, kind string }{
		"as the header says":                {"K\xf6ln", "text/html; charset=iso-8859-1"},
		"as the page says":                  {"<meta charset=windows-1252>K\xf6ln", "text/html"},
		"UTF-8, whatever the header says":   {"Köln", "text/html; charset=windows-1251"},
		"UTF-8, whatever the page says":     {"<meta charset=koi8-r>Köln", "text/html"},
		"not UTF-8, though both say so":     {"<meta charset=utf-8>K\xf6ln", "text/html; charset=utf-8"},
		"with a mark of byte order":         {"\xff\xfeK\x00\xf6\x00l\x00n\x00", "text/html"},
		"in a set that nobody has heard of": {"K\xf6ln", "text/html; charset=klingon"},
	} {
		if got := research.Decode([]byte(c.body), c.kind); !strings.HasSuffix(got, "Köln") {
			t.Errorf("%s: %q", sentence, got)
		}
	}
}

func TestLinksFeedsAndDates(t *testing.T) {
	t.Parallel()
	d := read(t, `<base href="/en/"><link rel="alternate" type="application/atom+xml" href="feed"><a href="jobs#x">Our  jobs</a><a href="mailto:a@example.com">mail</a><a rel="nofollow" href="/x">x</a>
		<time datetime="2024-05-06">May</time><time datetime="2023-01-01">older</time>`)
	if len(d.Links) != 1 || d.Links[0] != (research.Link{URL: "https://example.com/en/jobs", Text: "Our jobs"}) || len(d.Feeds) != 1 || d.Feeds[0] != "https://example.com/en/feed" || d.Date.Format("2006-01-02") != "2024-05-06" {
		t.Errorf("%+v", d)
	}
}
