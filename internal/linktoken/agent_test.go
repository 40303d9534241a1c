package linktoken_test

import (
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
