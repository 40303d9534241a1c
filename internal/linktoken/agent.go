package linktoken

import "strings"

// Class is who fetched a pixel or followed a link.
type Class string

// The classes. Only Human may decide anything; the others are counted apart.
const (
	Human   Class = "human"
	Proxy   Class = "proxy"   // a mail provider's image proxy: it says that mail came, not that a person looked
	Scanner Class = "scanner" // security software, link preview, crawler, script
)

// Counts says whether a request is a hit at all: HEAD and the like look whether something is there, and never count.
func Counts(method string) bool { return method == "GET" }

// Classify reads a User-Agent. What is left is taken for a person; timing (before delivery, many links within seconds) and
// the honeypot link tell scanners that look like people.
func Classify(userAgent string) Class {
	agent := strings.ToLower(strings.TrimSpace(userAgent))
	for _, mark := range proxies() {
		if strings.Contains(agent, mark) {
			return Proxy
		}
	}
	// Apple's Mail Privacy Protection fetches every image through relays that say just this. No browser does: all go on
	// with a platform in brackets. https://www.apple.com/legal/privacy/data/en/mail-privacy-protection/
	if agent == "mozilla/5.0" {
		return Proxy
	}
	if agent == "" || agent == "-" {
		return Scanner // every mail program and browser names itself
	}
	for _, mark := range scanners() {
		if strings.Contains(agent, mark) {
			return Scanner
		}
	}
	return Human
}

func proxies() []string {
	return []string{
		"googleimageproxy", // "... (via ggpht.com GoogleImageProxy)": https://support.google.com/a/answer/3299041
		"yahoomailproxy",   // "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"
	}
}

func scanners() []string {
	return []string{
		// Security products that follow links before or at delivery.
		"barracuda", "proofpoint", "mimecast", "symantec", "messagelabs", "sophos", "trendmicro", "trend micro", "fortinet",
		"forcepoint", "bitdefender", "cisco-ironport", "ironport", "safelinks", "microsoft office existence discovery",
		"urldefense", "zscaler", "checkpoint", "avanan", "trustwave", "cloudmark", "virustotal", "urlscan",
		// Link previews: https://api.slack.com/robots and the like of others.
		"slackbot", "slack-imgproxy", "facebookexternalhit", "whatsapp", "telegrambot", "twitterbot", "linkedinbot", "discordbot",
		"skypeuripreview", "microsoftpreview", "googleother", "google-pagerenderer", "google web preview", "bingpreview",
		// Crawlers: https://developers.google.com/search/docs/crawling-indexing/google-common-crawlers and RFC 9309's "product token".
		"bot/", "bot;", "googlebot", "bingbot", "crawler", "spider", "archive.org_bot", "ahrefsbot", "semrushbot",
		// Programs and their libraries.
		"curl/", "wget/", "python-requests", "python-urllib", "aiohttp", "httpx", "go-http-client", "java/", "okhttp",
		"apache-httpclient", "libwww-perl", "axios/", "node-fetch", "undici", "got (", "guzzlehttp", "ruby", "postmanruntime",
		"headlesschrome", "phantomjs", "puppeteer", "playwright", "selenium",
	}
}
