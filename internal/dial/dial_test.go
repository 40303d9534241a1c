package dial_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"outrider/internal/dial"
)

func TestOnlyPublicAddressesAreInReach(t *testing.T) {
	t.Parallel()
	for _, a := range []string{"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "192.0.1.1", "198.17.0.1", "198.20.0.1", "223.255.255.254",
		"2606:4700::1111", "2001:4860:4860::8888", "2a00:1450::1", "::ffff:8.8.8.8", "2001:200::1", "2620:0:2d0::1"} {
		if !dial.Public.Allows(netip.MustParseAddr(a)) {
			t.Errorf("%s is public, and refused", a)
		}
	}
	for _, a := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.0.9", "192.0.0.170", "192.0.2.1",
		"192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.1", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1",
		"64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "100:0:0:1::1",
		"2001::1", "2001:0:7f00:1::", "2001:1::1", "2001:2::1", "2001:3::1", "2001:4:112::1", "2001:10::1", "2001:20::1", "2001:30::1", "2001:1ff::1", "2001:db8::1",
		"2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1", "2620:4f:8000::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "4000::1",
		"2600::5efe:10.0.0.1", "2600::200:5efe:10.0.0.1",
	} {
		if dial.Public.Allows(netip.MustParseAddr(a)) {
			t.Errorf("%s is not public, and allowed", a)
		}
		if is := netip.MustParseAddr(a).Unmap().IsLoopback(); dial.Loopback.Allows(netip.MustParseAddr(a)) != is {
			t.Errorf("%s is loopback: %v, and the other is allowed", a, is)
		}
	}
}

// names answers with its addresses, the next ones each time.
type names struct {
	asked   atomic.Int32
	answers [][]string
}

func (n *names) LookupNetIP(context.Context, string, string) (out []netip.Addr, err error) {
	i := min(int(n.asked.Add(1)), len(n.answers)) - 1
	for _, a := range n.answers[i] {
		out = append(out, netip.MustParseAddr(a))
	}
	return out, nil
}

func TestANameIsResolvedOnceAndItsForbiddenAddressesAreLeftOut(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a test's
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())

	n := &names{answers: [][]string{{"192.0.2.1", "127.0.0.1"}, {"192.0.2.1"}}}
	conn, err := dial.Dialer{Reach: dial.Loopback, Resolver: n}.DialContext(t.Context(), "tcp", "mail.example.com:"+port)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if n.asked.Load() != 1 {
		t.Errorf("the name was resolved %d times", n.asked.Load())
	}
	rebound := &names{answers: [][]string{{"10.0.0.1", "::ffff:127.0.0.1"}}}
	if _, err := (dial.Dialer{Resolver: rebound}).DialContext(t.Context(), "tcp", "mail.example.com:"+port); !errors.Is(err, dial.ErrForbidden) || !errors.Is(err, dial.ErrUnreachable) {
		t.Errorf("a name that means ourselves: %v", err)
	}
}

func TestOnlyTheNamedPortsOfPublicAddressesAreDialled(t *testing.T) {
	t.Parallel()
	d := dial.Dialer{Ports: []int{993}, Timeout: time.Second}
	for _, port := range []string{"22", "9092", "0", "65536", "-1", "imaps"} {
		if _, err := d.DialContext(t.Context(), "tcp", "8.8.8.8:"+port); !errors.Is(err, dial.ErrForbidden) {
			t.Errorf("port %s: %v", port, err)
		}
	}
}

// TestNobodyElseDials holds that what a stranger names is dialled by this package alone: who dials otherwise is listed with what it reaches.
func TestNobodyElseDials(t *testing.T) {
	t.Parallel()
	operators := map[string]string{
		"consumers/webhooks/":        "by this package",
		"bin/":                       "what is made of all this on purpose, to be wrong",
		"internal/blob/s3test/":      "a gateway on loopback, in tests",
		"internal/googlecalendar/":   "by this package: the client is given to it",
		"internal/peopledata/":       "by this package",
		"internal/app/billing/":      "Stripe, or where the operator says that it is",
		"internal/app/client/":       "our own API, by the CLI",
		"internal/app/models/":       "the operator's model; organisations' own by this package",
		"internal/app/node/":         "the resolver that the operator names",
		"internal/dial/":             "here",
		"internal/engines/":          "engines on loopback",
		"internal/kafka/":            "the operator's brokers",
		"internal/lab/":              "the lab, on loopback",
		"internal/linkcheck/":        "by this package",
		"internal/llm/":              "the operator's model",
		"internal/mail/mailoauth/":   "Google and Microsoft, or where the operator says that they are",
		"internal/mail/remoteimage/": "by this package",
		"internal/mail/sendgrid/":    "SendGrid's two hosts, and loopback where the operator lets mail be sent there",
		"internal/mail/transport/":   "by this package",
		"internal/oidc/":             "by this package",
		"internal/research/":         "by this package",
		"internal/websearch/":        "by this package",
	}
	dials := regexp.MustCompile(`\bnet\.Dial|net\.Dialer\{|tls\.Dial|http\.(Get|Post|Head|PostForm)\(|http\.(DefaultClient|Client\{|DefaultTransport)|fasthttp\.(Get|Post|Do|Client\{)|smtp\.(Dial|SendMail)`)
	err := filepath.WalkDir("../..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "node_modules") {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, "../../"))
		for folder := range operators {
			if strings.HasPrefix(name, folder) {
				return nil
			}
		}
		text, err := os.ReadFile(path)
		if err == nil && dials.Match(text) {
			t.Errorf("%s dials by itself: what a stranger names must be dialled by internal/dial", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
