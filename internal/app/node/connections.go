package node

import (
	"errors"
	"net/netip"

	"outrider/internal/connlimit"
)

// Connections bound what strangers can open; the zero values are defaults.
type Connections struct {
	Total         int            `name:"connections" help:"Connections at a time; default: half of the files that may be open, 4096 at most." placeholder:"N"`
	PerAddress    int            `name:"connections-per-address" help:"Of them from one address (one /64 of IPv6); default: half. Behind a proxy all come from its address: give it as many as in all." placeholder:"N"`
	Proxies       []netip.Prefix `name:"trusted-proxies" help:"Networks of the proxies in front of the API, such as 10.0.0.0/8: they are believed about who asks (X-Forwarded-For). Without it everybody comes from the proxy's address." placeholder:"CIDR,..."`
	CountryHeader string         `name:"country-header" help:"Header in which the proxy in front says where who asks is, such as CF-IPCountry: people see it beside their sessions." placeholder:"NAME"`
}

// Validate says what can't be so.
func (c Connections) Validate() error {
	if c.Total < 0 || c.PerAddress < 0 {
		return errors.New("--connections and --connections-per-address can't be negative")
	}
	return nil
}

func (c Connections) options() connlimit.Options {
	return connlimit.Options{Total: c.Total, PerAddress: c.PerAddress}
}
