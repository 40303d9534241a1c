package research

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Product is the name by which robots.txt files call this program.
const Product = "OutriderBot"

const (
	mostRobots = 500 << 10 // bytes that are read of a robots.txt (RFC 9309, 2.5)
	mostDelay  = time.Minute
)

// Robots are the rules of a site for programs that read it. The zero value allows everything.
//
// The rules are read here, not by a library: of those for Go that could be had, none keeps to RFC 9309 where groups are combined, where two rules
// are equally long, and where a line of the file is wrong.
type Robots struct {
	rules []robotsRule
	delay time.Duration
	none  bool // nothing may be read
}

type robotsRule struct {
	pattern string // with its percent-encoding made equal
	allow   bool
}

// DisallowAll are the rules where it isn't known what a site allows.
func DisallowAll() Robots { return Robots{none: true} }

// Delay returns how long the site asks to wait between two requests; 0 = it asks nothing.
func (r Robots) Delay() time.Duration { return r.delay }

// robotsGroup are the rules for some programs.
type robotsGroup struct {
	agents []string
	Robots
	begun bool // a rule has come: the next user-agent begins another group
}

// ParseRobots returns the rules of a robots.txt for a program: those of all groups that name it, else those of all groups for everybody. Lines that
// can't be read are left out.
func ParseRobots(text []byte, product string) Robots {
	if len(text) > mostRobots {
		text = text[:mostRobots]
		text = text[:bytes.LastIndexAny(text, "\r\n")+1] // half a line says something else
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	var groups []*robotsGroup
	for line := range strings.FieldsFuncSeq(string(text), func(r rune) bool { return r == '\n' || r == '\r' }) {
		line, _, _ = strings.Cut(line, "#")
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		groups = takeRobotsLine(groups, strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value))
	}
	return combineGroups(groups, strings.ToLower(product))
}

func takeRobotsLine(groups []*robotsGroup, key, value string) []*robotsGroup {
	var last *robotsGroup
	if len(groups) > 0 {
		last = groups[len(groups)-1]
	}
	switch key {
	case "user-agent":
		if last == nil || last.begun {
			last = &robotsGroup{}
			groups = append(groups, last)
		}
		last.agents = append(last.agents, productToken(value))
		return groups
	case "allow", "disallow", "crawl-delay":
	default: // says nothing to us, and ends no group
		return groups
	}
	if last == nil { // rules for nobody
		return groups
	}
	last.begun = true
	switch {
	case key == "crawl-delay":
		if s, err := strconv.ParseFloat(value, 64); err == nil && s > 0 {
			last.delay = time.Duration(min(s, mostDelay.Seconds()) * float64(time.Second))
		}
	case strings.HasPrefix(value, "/") || strings.HasPrefix(value, "*"):
		last.rules = append(last.rules, robotsRule{normalizePattern(value), key == "allow"})
	}
	return groups
}

// productToken returns the product of a user-agent line, in small letters: what stands before its version.
func productToken(value string) string {
	if strings.HasPrefix(value, "*") {
		return "*"
	}
	end := strings.IndexFunc(value, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-' || r == '_') })
	if end < 0 {
		end = len(value)
	}
	return strings.ToLower(value[:end])
}

func combineGroups(groups []*robotsGroup, product string) (out Robots) {
	for _, name := range []string{product, "*"} {
		found := false
		for _, g := range groups {
			for _, a := range g.agents {
				if a != name {
					continue
				}
				found = true
				out.rules = append(out.rules, g.rules...)
				out.delay = max(out.delay, g.delay)
				break
			}
		}
		if found {
			return out
		}
	}
	return out
}

// Allows reports whether a path, with its query, may be read: the longest rule that matches decides, and of two equally long ones that which allows.
func (r Robots) Allows(path string) bool {
	if r.none {
		return false
	}
	if path == "" {
		path = "/"
	}
	if path == "/robots.txt" {
		return true
	}
	path = normalizePath(path)
	best, allowed := -1, true
	for _, rule := range r.rules {
		if n := len(rule.pattern); (n > best || n == best && rule.allow) && matchRobots(rule.pattern, path) {
			best, allowed = n, rule.allow
		}
	}
	return allowed
}

// matchRobots reports whether a pattern matches the beginning of a path: * is anything, $ at the end is the end of the path.
func matchRobots(pattern, path string) bool {
	pattern, whole := strings.CutSuffix(pattern, "$")
	parts := strings.Split(pattern, "*")
	if !strings.HasPrefix(path, parts[0]) {
		return false
	}
	rest := path[len(parts[0]):]
	if len(parts) == 1 {
		return !whole || rest == ""
	}
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, p)
		if i < 0 {
			return false
		}
		rest = rest[i+len(p):]
	}
	last := parts[len(parts)-1]
	if whole {
		return strings.HasSuffix(rest, last)
	}
	return strings.Contains(rest, last)
}

// normalizePattern keeps * and a $ at the end, which mean something.
func normalizePattern(s string) string {
	s, whole := strings.CutSuffix(s, "$")
	parts := strings.Split(s, "*")
	for i, p := range parts {
		parts[i] = normalizePath(p)
	}
	if s = strings.Join(parts, "*"); whole {
		s += "$"
	}
	return s
}

// normalizePath writes each octet in one way, so that what is equal by RFC 3986 is equal text.
func normalizePath(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c, encoded := s[i], false
		if c == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				c, encoded = byte(n), true
				i += 2
			}
		}
		switch {
		case isUnreserved(c):
			b.WriteByte(c)
		case encoded || c >= 0x80 || c <= ' ' || c == '*' || c == '$':
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isUnreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
