package research_test

import (
	"strings"
	"testing"
	"time"

	"outrider/internal/research"
)

// TestRobots holds the rules of RFC 9309, by its sections.
func TestRobots(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		text      string
		allowed   string // paths
		forbidden string
	}{
		"nothing forbids nothing":                       {"", "/ /a", ""},
		"everything may be forbidden":                   {"User-agent: *\nDisallow: /", "/robots.txt", "/ /a /a?b=c"},
		"an empty rule forbids nothing":                 {"User-agent: *\nDisallow:", "/ /a", ""},
		"and ends its group":                            {"User-agent: OutriderBot\nDisallow:\nUser-agent: *\nDisallow: /", "/ /a", ""},
		"our own group counts alone (2.2.1)":            {"User-agent: *\nDisallow: /\n\nUser-agent: outriderbot\nDisallow: /x", "/ /a", "/x /x/y /xy"},
		"groups of one name are combined":               {"User-agent: OutriderBot\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n\nUser-agent: OUTRIDERBOT\nDisallow: /b", "/ /c", "/a /b"},
		"groups of everybody are combined":              {"User-agent: *\nDisallow: /a\n\nUser-agent: other\nDisallow: /\n\nUser-agent: *\nDisallow: /b", "/ /c", "/a /b"},
		"several names have one group":                  {"User-agent: other\nUser-agent: OutriderBot\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/b", "/a"},
		"a version belongs to no name":                  {"User-agent: OutriderBot/2.1\nDisallow: /a", "/b", "/a"},
		"a longer name is another's":                    {"User-agent: OutriderBotany\nDisallow: /", "/a", ""},
		"an empty line ends nothing":                    {"User-agent: *\n\nDisallow: /a", "/b", "/a"},
		"rules before any name are nobody's":            {"Disallow: /\nUser-agent: *\nDisallow: /a", "/b", "/a"},
		"the longest rule decides (2.2.2)":              {"User-agent: *\nAllow: /a/b\nDisallow: /a", "/a/b /a/bc /b", "/a /a/c"},
		"whatever their order":                          {"User-agent: *\nDisallow: /\nAllow: /a", "/a", "/ /b"},
		"of two equal ones that which allows":           {"User-agent: *\nDisallow: /a\nAllow: /a", "/a", ""},
		"paths know capital letters":                    {"User-agent: *\nDisallow: /A", "/a", "/A"},
		"a star is anything (2.2.3)":                    {"User-agent: *\nDisallow: /a*c", "/ab /xabc", "/ac /abc /abcd /a/x/c"},
		"a star at the beginning":                       {"User-agent: *\nDisallow: *.pdf", "/a.html", "/a.pdf /a.pdf?x=1"},
		"a dollar is the end":                           {"User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x /a.pdfx", "/a.pdf /b/a.pdf"},
		"a dollar elsewhere is a dollar":                {"User-agent: *\nDisallow: /a$b", "/a", "/a$b /a%24bc"},
		"a hash begins a comment":                       {"User-agent: * # all\nDisallow: /a # b", "/b", "/a"},
		"octets are equal however written (2.2.2)":      {"User-agent: *\nDisallow: /a/ü\nDisallow: /%62ar", "/a/u", "/a/%C3%BC /a/%c3%bc /bar"},
		"an encoded slash is no slash":                  {"User-agent: *\nDisallow: /a%2Fb", "/a/b", "/a%2fb"},
		"a query belongs to the path":                   {"User-agent: *\nDisallow: /vote?", "/vote", "/vote?id=1"},
		"other lines end no group":                      {"User-agent: *\nSitemap: https://example.com/s.xml\nUser-agent: OutriderBot\nDisallow: /a", "/b", "/a"},
		"a line that is wrong is left out, no other":    {"User-agent: *\nDisallow /x\nCrawl-delay: much\n: \nDisallow: /a", "/x", "/a"},
		"lines end in any way":                          {"User-agent: *\rDisallow: /a\r\nDisallow: /b", "/c", "/a /b"},
		"keys are written in any way":                   {"USER-AGENT:*\n  dIsAlLoW   :/a", "/b", "/a"},
		"a mark of byte order is nothing":               {"\xef\xbb\xbfUser-agent: *\nDisallow: /a", "/b", "/a"},
		"of a huge file 500 KiB are read (2.5)":         {"User-agent: *\nDisallow: /a\n" + strings.Repeat("# so much\n", 60_000) + "Disallow: /b", "/b", "/a"},
		"and of its last line nothing":                  {"User-agent: *\n" + strings.Repeat("#\n", (500<<10-14-12)/2) + "Disallow: /abcdefgh", "/a /abcdefgh", ""},
		"a pattern of stars takes no longer than a day": {"User-agent: *\nDisallow: /" + strings.Repeat("*a", 500) + "$", "/" + strings.Repeat("a", 400) + "b", ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := research.ParseRobots([]byte(c.text), research.Product)
			for path := range strings.FieldsSeq(c.allowed) {
				if !r.Allows(path) {
					t.Errorf("%s is forbidden", path)
				}
			}
			for path := range strings.FieldsSeq(c.forbidden) {
				if r.Allows(path) {
					t.Errorf("%s is allowed", path)
				}
			}
		})
	}
	if d := research.ParseRobots([]byte("User-agent: *\nCrawl-delay: 2.5\n\nUser-agent: other\nCrawl-delay: 9"), research.Product).Delay(); d != 2500*time.Millisecond {
		t.Errorf("the site wants %s between requests", d)
	}
	if d := research.ParseRobots([]byte("User-agent: *\nCrawl-delay: 1e300"), research.Product).Delay(); d != time.Minute {
		t.Errorf("a site can't have us wait %s", d)
	}
	if r := research.DisallowAll(); r.Allows("/") || r.Allows("/robots.txt") {
		t.Error("where nothing is known nothing may be read")
	}
}

func FuzzRobots(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /a*b$", "/ab%zz")
	f.Fuzz(func(_ *testing.T, text, path string) {
		research.ParseRobots([]byte(text), research.Product).Allows(path)
	})
}
