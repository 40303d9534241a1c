package dial

import "net/netip"

// Allows reports whether an address may be dialled.
func (r Reach) Allows(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	switch r {
	case Anywhere:
		return a.IsValid() && !a.IsMulticast()
	case Loopback:
		return a.IsLoopback()
	case Public:
		return isPublic(a)
	}
	return false
}

// isPublic reports whether an address is global unicast and in none of IANA's special-purpose registries. In IPv6 only what IANA
// has given out as global unicast (2000::/3) counts. What holds an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo) is refused as a whole: all
// such blocks are in the registry, or beyond 2000::/3. Addresses made by ISATAP are told by their form (RFC 5214, 6.1).
func isPublic(a netip.Addr) bool {
	if !a.IsGlobalUnicast() {
		return false
	}
	if a.Is6() {
		b := a.As16()
		if b[0]&0xe0 != 0x20 || b[8]&^0x02 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe {
			return false
		}
	}
	for _, text := range specialBlocks() {
		if netip.MustParsePrefix(text).Contains(a) {
			return false
		}
	}
	return true
}

// specialBlocks are those of IANA's registries for IPv4 and IPv6, reachable or not; of IPv6 those inside 2000::/3.
// https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
func specialBlocks() []string {
	return []string{
		"0.0.0.0/8",         // this network (RFC 791)
		"10.0.0.0/8",        // private (RFC 1918)
		"100.64.0.0/10",     // shared address space (RFC 6598)
		"127.0.0.0/8",       // loopback (RFC 1122)
		"169.254.0.0/16",    // link local, the metadata of clouds (RFC 3927)
		"172.16.0.0/12",     // private
		"192.0.0.0/24",      // IETF protocol assignments (RFC 6890)
		"192.0.2.0/24",      // documentation (RFC 5737)
		"192.31.196.0/24",   // AS112 (RFC 7535)
		"192.52.193.0/24",   // AMT (RFC 7450)
		"192.88.99.0/24",    // 6to4 relays (RFC 7526)
		"192.168.0.0/16",    // private
		"192.175.48.0/24",   // AS112 (RFC 7534)
		"198.18.0.0/15",     // benchmarking (RFC 2544)
		"198.51.100.0/24",   // documentation
		"203.0.113.0/24",    // documentation
		"240.0.0.0/4",       // reserved, and limited broadcast (RFC 1112, 8190)
		"2001::/23",         // IETF protocol assignments, Teredo, ORCHID and others (RFC 2928)
		"2001:db8::/32",     // documentation (RFC 3849)
		"2002::/16",         // 6to4 (RFC 3056)
		"2620:4f:8000::/48", // AS112
		"3fff::/20",         // documentation (RFC 9637)
	}
}
