// Package zone answers DNS questions on loopback for domains that exist only here, so that what checks a sender's records (MX, SPF,
// DKIM, DMARC) can be shown without the real DNS.
package zone

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"

	"golang.org/x/net/dns/dnsmessage"
)

// Zone is what is known, by lower-case names without a dot at the end. Other names don't exist.
type Zone struct {
	TXT  map[string][]string // a text may be longer than 255 bytes, but an answer is at most 1,200 bytes long
	MX   map[string][]string // names of exchangers, the preferred first
	A    map[string][]netip.Addr
	Fail map[string]bool // names that are answered with a server failure: not known, as opposed to not there
}

// Nameserver answers by UDP until it is closed.
type Nameserver struct {
	conn *net.UDPConn
	done chan struct{}
	mu   sync.RWMutex
	zone Zone
}

// Listen answers on address (host:port, loopback; port 0 chooses one).
func Listen(address string, z Zone) (*Nameserver, error) {
	a, err := netip.ParseAddrPort(address)
	if err != nil || !a.Addr().IsLoopback() {
		return nil, fmt.Errorf("serve names on %s: it is no loopback address", address)
	}
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(a))
	if err != nil {
		return nil, fmt.Errorf("serve names: %w", err)
	}
	s := &Nameserver{conn: conn, done: make(chan struct{}), zone: z}
	go s.serve()
	return s, nil
}

// Addr is host:port.
func (s *Nameserver) Addr() string { return s.conn.LocalAddr().String() }

// Replace makes z what is known from now on.
func (s *Nameserver) Replace(z Zone) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zone = z
}

// Close ends the server.
func (s *Nameserver) Close() error {
	err := s.conn.Close()
	<-s.done
	if err != nil {
		return fmt.Errorf("close the zone: %w", err)
	}
	return nil
}

func (s *Nameserver) serve() {
	defer close(s.done)
	in := make([]byte, 4096)
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(in)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		s.mu.RLock()
		out, err := s.zone.answer(in[:n])
		s.mu.RUnlock()
		if err == nil {
			_, _ = s.conn.WriteToUDPAddrPort(out, from) // who asked asks again
		}
	}
}

const maxAnswer = 1200 // bytes; resolvers take 1,232

func (z Zone) answer(question []byte) ([]byte, error) {
	var p dnsmessage.Parser
	h, err := p.Start(question)
	if err != nil {
		return nil, fmt.Errorf("read question: %w", err)
	}
	q, err := p.Question()
	if err != nil {
		return nil, fmt.Errorf("read question: %w", err)
	}
	name := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: h.ID, Response: true, Authoritative: true, RecursionDesired: h.RecursionDesired, RecursionAvailable: true},
		Questions: []dnsmessage.Question{q}}
	switch {
	case z.Fail[name]:
		m.RCode = dnsmessage.RCodeServerFailure
	case len(z.TXT[name])+len(z.MX[name])+len(z.A[name]) == 0:
		m.RCode = dnsmessage.RCodeNameError
	default:
		if m.Answers, err = z.records(name, q); err != nil {
			m.RCode = dnsmessage.RCodeServerFailure
		}
	}
	out, err := m.Pack()
	if err == nil && len(out) > maxAnswer {
		m.Answers, m.RCode = nil, dnsmessage.RCodeServerFailure
		out, err = m.Pack()
	}
	if err != nil {
		return nil, fmt.Errorf("write answer: %w", err)
	}
	return out, nil
}

func (z Zone) records(name string, q dnsmessage.Question) (out []dnsmessage.Resource, err error) {
	add := func(body dnsmessage.ResourceBody) {
		out = append(out, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: dnsmessage.ClassINET, TTL: 1}, Body: body})
	}
	switch q.Type {
	case dnsmessage.TypeTXT:
		for _, text := range z.TXT[name] {
			add(&dnsmessage.TXTResource{TXT: splitText(text)})
		}
	case dnsmessage.TypeMX:
		for i, host := range z.MX[name] {
			n, err := dnsmessage.NewName(strings.TrimSuffix(host, ".") + ".")
			if err != nil {
				return nil, fmt.Errorf("name exchanger %s: %w", host, err)
			}
			add(&dnsmessage.MXResource{Pref: uint16(10 * (i + 1)), MX: n})
		}
	case dnsmessage.TypeA, dnsmessage.TypeAAAA:
		for _, a := range z.A[name] {
			switch {
			case a.Is4() && q.Type == dnsmessage.TypeA:
				add(&dnsmessage.AResource{A: a.As4()})
			case a.Is6() && q.Type == dnsmessage.TypeAAAA:
				add(&dnsmessage.AAAAResource{AAAA: a.As16()})
			}
		}
	}
	return out, nil
}

// splitText cuts a text into strings of at most 255 bytes, which readers join (RFC 7208, 3.3).
func splitText(text string) (out []string) {
	for len(text) > 255 {
		out, text = append(out, text[:255]), text[255:]
	}
	return append(out, text)
}
