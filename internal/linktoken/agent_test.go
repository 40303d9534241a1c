package linktoken_test

import (
	"os"
	"strings"
	"testing"

	"outrider/internal/linktoken"
)

func TestUserAgentsAreClassified(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]linktoken.Class{
		"Mozilla/5.0": linktoken.Proxy,
		"Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)":                                     linktoken.Proxy,
		"YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html":                                                      linktoken.Proxy,
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)":                                      linktoken.Human,
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0": linktoken.Human,
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148":                 linktoken.Human,
		"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.0":                                                    linktoken.Human,
		"Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Microsoft Outlook 16.0.17531; ms-office; MSOffice 16)":                     linktoken.Human,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/119.0.0.0 Safari/537.36":                 linktoken.Scanner,
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)":                                                      linktoken.Scanner,
		"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)":                                                                    linktoken.Scanner,
		"Barracuda Sentinel (EE)": linktoken.Scanner,
		"python-requests/2.32.3":  linktoken.Scanner,
		"Go-http-client/2.0":      linktoken.Scanner,
		"curl/8.5.0":              linktoken.Scanner,
		"":                        linktoken.Scanner,
	} {
		if got := linktoken.Classify(agent); got != want {
			t.Errorf("%q: got %s, want %s", agent, got, want)
		}
	}
	for method, want := range map[string]bool{"GET": true, "HEAD": false, "OPTIONS": false, "POST": false} {
		if linktoken.Counts(method) != want {
			t.Errorf("%s: want %v", method, want)
		}
	}
}

func TestCrawlersOfTheListAreNoPeople(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("testdata/crawlers.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for agent := range strings.Lines(string(list)) {
		if agent = strings.TrimSpace(agent); agent == "" || agent[0] == '#' {
			continue
		}
		n++
		if linktoken.Classify(agent) == linktoken.Human {
			t.Errorf("%q: taken for a person", agent)
		}
	}
	if n < 500 {
		t.Errorf("%d crawlers were tried", n)
	}
}

func TestMailProgramsAndBrowsersAreNoCrawlers(t *testing.T) {
	t.Parallel()
	for _, agent := range []string{
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:128.0) Gecko/20100101 Firefox/128.0",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 OPR/112.0.0.0",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Vivaldi/6.8.3381.46",
		"Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
		"Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.6478.71 Mobile Safari/537.36",
		"Mozilla/5.0 (Linux; Android 9; KFTRWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/120.3.1 like Chrome/120.0.6099.230 Safari/537.36",
		"Mozilla/5.0 (iPad; CPU OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1 Ddg/17.5",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/322.0.644953888 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; .NET4.0C; .NET4.0E; rv:11.0) like Gecko",
		"Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17628; Pro)",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Outlook-iOS/4.2424.0",
		"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.12.0",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) eMClient/9.2 Chrome/109.0.5414.120 Safari/537.36",
		"Mozilla/5.0 (Linux; Android 13; M2101K6G) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 YaBrowser/24.6.0 Mobile Safari/537.36",
		"Mozilla/5.0 (Linux; U; Android 12; zh-cn; V2166A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.141 VivoBrowser/14.5 Mobile Safari/537.36",
	} {
		if got := linktoken.Classify(agent); got != linktoken.Human {
			t.Errorf("%q: got %s", agent, got)
		}
	}
}

func BenchmarkClassify(b *testing.B) {
	for b.Loop() {
		linktoken.Classify("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0")
	}
}
