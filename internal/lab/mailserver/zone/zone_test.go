package zone_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"outrider/internal/lab/mailserver/zone"
)

func TestAResolverGetsWhatTheZoneHolds(t *testing.T) {
	t.Parallel()
	key := "v=DKIM1; p=" + strings.Repeat("k", 392)
	s, err := zone.Listen("127.0.0.1:0", zone.Zone{
		TXT:  map[string][]string{"acme.test": {"v=spf1 mx -all"}, "s._domainkey.acme.test": {key}, "big.test": {strings.Repeat("x", 3000)}},
		MX:   map[string][]string{"acme.test": {"mail.acme.test", "backup.acme.test"}},
		A:    map[string][]netip.Addr{"mail.acme.test": {netip.MustParseAddr("127.0.0.1")}},
		Fail: map[string]bool{"broken.test": true},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", s.Addr())
	}}
	if got, err := r.LookupTXT(t.Context(), "ACME.test."); err != nil || !slices.Equal(got, []string{"v=spf1 mx -all"}) {
		t.Error(got, err)
	}
	if got, err := r.LookupTXT(t.Context(), "s._domainkey.acme.test."); err != nil || !slices.Equal(got, []string{key}) {
		t.Error(got, err)
	}
	if got, err := r.LookupMX(t.Context(), "acme.test."); err != nil || len(got) != 2 || got[0].Host != "mail.acme.test." || got[1].Host != "backup.acme.test." {
		t.Error(got, err)
	}
	if got, err := r.LookupHost(t.Context(), "mail.acme.test."); err != nil || !slices.Equal(got, []string{"127.0.0.1"}) {
		t.Error(got, err)
	}
	for name, missing := range map[string]bool{"_dmarc.acme.test.": true, "mail.acme.test.": true, "broken.test.": false, "big.test.": false} {
		_, err := r.LookupTXT(t.Context(), name)
		var dns *net.DNSError
		if !errors.As(err, &dns) || dns.IsNotFound != missing {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.Replace(zone.Zone{})
	if _, err := r.LookupMX(t.Context(), "acme.test."); err == nil {
		t.Error("the old zone still answers")
	}
	if _, err := zone.Listen("0.0.0.0:0", zone.Zone{}); err == nil {
		t.Error("it answers strangers")
	}
}
