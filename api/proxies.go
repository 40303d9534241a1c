package api

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"github.com/gofiber/fiber/v2"
)

// proxies are the networks of proxies in front of this server, which are believed about who asks through them.
type proxies []netip.Prefix

func (p proxies) trusts(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(a) })
}

// setCaller lets a request come from who asks through our proxies, for whatever looks at its address afterwards. Each proxy adds to the end of
// X-Forwarded-For who asked it: so what is read ends at the first address that isn't one of ours, and whatever that one wrote before it says nothing.
// passed reports whether it came through one of them.
func (p proxies) setCaller(f *fiber.Ctx) (passed bool) {
	if len(p) == 0 {
		return false
	}
	f.Context().SetRemoteAddr(nil) // what an earlier request of the connection has set
	from, _ := netip.AddrFromSlice(f.Context().RemoteIP())
	from = from.Unmap()
	if !p.trusts(from) {
		return false
	}
	var named []string
	for _, line := range f.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		named = append(named, strings.Split(string(line), ",")...)
	}
	for _, text := range slices.Backward(named) {
		a, ok := parseForwarded(strings.TrimSpace(text))
		if !ok {
			break
		}
		if from = a; !p.trusts(a) {
			break
		}
	}
	f.Context().SetRemoteAddr(&net.TCPAddr{IP: from.AsSlice()})
	return true
}

// maxPlace bounds what a proxy says of where who asks is.
const maxPlace = 64

// placeOf returns where who asks is, as a proxy of ours says; "" = nobody told. Where no proxy is named, the only one there is is believed.
func (c *call) placeOf(cfg *Config) string {
	if cfg.CountryHeader == "" || len(cfg.Proxies) > 0 && !c.passedProxy {
		return ""
	}
	place := strings.ToValidUTF8(strings.TrimSpace(c.Get(cfg.CountryHeader)), "")
	if len(place) > maxPlace || strings.ContainsFunc(place, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return place
}

// parseForwarded reads an address, which some proxies write with its port.
func parseForwarded(text string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		with, err := netip.ParseAddrPort(text)
		if err != nil {
			return a, false
		}
		a = with.Addr()
	}
	return a.Unmap().WithZone(""), true
}
