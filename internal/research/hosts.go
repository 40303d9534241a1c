package research

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// refusedSites are never read, whoever asks: networks that forbid it, where what is said of people belongs to who has an account there. What an
// organisation knows from them comes by import, or from a provider.
const refusedSites = " linkedin.com linkedin.cn lnkd.in licdn.com xing.com facebook.com fb.com fb.me instagram.com threads.net x.com twitter.com t.co tiktok.com" +
	" youtube.com youtu.be reddit.com pinterest.com snapchat.com vk.com glassdoor.com glassdoor.de indeed.com kununu.com crunchbase.com apollo.io zoominfo.com" +
	" rocketreach.co lusha.com angel.co wellfound.com "

// RefusesHost reports whether pages of a host are never read.
func RefusesHost(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	for at := host; at != ""; {
		if strings.Contains(refusedSites, " "+at+" ") {
			return true
		}
		_, at, _ = strings.Cut(at, ".")
	}
	return false
}

// siteOf returns what was registered of a host: shop.example.co.uk is a part of example.co.uk. "" for an address, and for what nobody can register.
func siteOf(host string) string {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ""
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	return site
}
