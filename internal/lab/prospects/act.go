package prospects

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// openMail fetches the message's images.
func (m *receivedMessage) openMail(kind string) {
	agent, seen := m.who.Proxy, false
	for _, u := range m.of.images {
		a, err := m.web.tryOnce(m.life, http.MethodGet, u, agent, nil)
		if m.noteFailure(kind, a, err) {
			continue
		}
		seen = true
	}
	if seen {
		m.noteLine(Line{Kind: kind})
	}
}

// noteFailure notes what went wrong. What is elsewhere in the world isn't the product's and says nothing.
func (m *receivedMessage) noteFailure(what string, a webAnswer, err error) bool {
	switch {
	case errors.Is(err, errElsewhere):
		return true
	case err != nil:
		m.noteLine(Line{Kind: Unanswered, Detail: what + ": " + err.Error()})
		return true
	case a.isGood() || a.redirectsTo():
		return false
	}
	m.noteLine(Line{Kind: Declined, Detail: what, Code: a.code})
	return true
}

// scanLinks is what a company's filter does: every link, also hidden ones, within seconds; half of them ask with HEAD first.
func (m *receivedMessage) scanLinks(r *rand.Rand) {
	agent, head := pickOne(r, scannerAgents()), r.IntN(2) == 0
	var seen []string
	for _, k := range m.of.links {
		if slices.Contains(seen, k.url) {
			continue
		}
		seen = append(seen, k.url)
		if head {
			_, _ = m.web.tryOnce(m.life, http.MethodHead, k.url, agent, nil) // says nothing
		}
		m.scanLink(k.url, agent)
	}
}

func (m *receivedMessage) scanLink(u, agent string) {
	a, err := m.web.tryOnce(m.life, http.MethodGet, u, agent, nil)
	if !m.noteFailure(Scanned, a, err) {
		m.noteLine(Line{Kind: Scanned, Code: a.code})
	}
}

// crawlLinks is what a filter does that takes its time: every link, those first that no person sees. It names itself as the same browser all the while.
func (m *receivedMessage) crawlLinks(r *rand.Rand) {
	agent, when := pickOne(r, scannerAgents()), m.clock.Now()
	links := slices.Clone(m.of.links)
	slices.SortStableFunc(links, func(a, b link) int {
		if a.hidden == b.hidden {
			return 0
		}
		if a.hidden {
			return -1
		}
		return 1
	})
	seen := map[string]bool{}
	for _, k := range links {
		if !seen[k.url] {
			seen[k.url] = true
			m.runLater(when, func() { m.scanLink(k.url, agent) })
			when = when.Add(durationBetween(r, 15*time.Second, 50*time.Second))
		}
	}
}

func (m *receivedMessage) clickLink(r *rand.Rand) {
	if offers := m.of.offeredLinks(); len(offers) > 0 {
		_, _ = m.visitPage(pickOne(r, offers).url)
	}
}

// visitPage follows a link to a page, as a person.
func (m *receivedMessage) visitPage(u string) (webAnswer, bool) {
	a, err := m.web.tryOnce(m.life, http.MethodGet, u, m.who.Browser, nil)
	if m.noteFailure(Clicked, a, err) {
		return a, false
	}
	if !a.redirectsTo() {
		m.noteLine(Line{Kind: Visited})
		return a, true
	}
	m.noteLine(Line{Kind: Clicked})
	a, err = m.web.followRedirects(m.life, a, m.who.Browser)
	return a, !m.noteFailure(Visited, a, err) && a.isGood()
}

// bookMeeting follows the link that offers a meeting and fills in what it shows. When somebody else took the time, another is tried.
func (m *receivedMessage) bookMeeting(r *rand.Rand) {
	k, ok := m.of.bookingLink()
	if !ok {
		m.noteLine(Line{Kind: Unable, Detail: "no booking link"})
		return
	}
	page, ok := m.visitPage(k.url)
	if !ok {
		return
	}
	if m.submitForm(page, "booking", r) {
		m.noteLine(Line{Kind: Booked})
	}
}

// submitForm fills in forms until one that is posted is answered with a page.
func (m *receivedMessage) submitForm(page webAnswer, what string, r *rand.Rand) bool {
	start := page
	for range 6 {
		form, ok := fillForm(page, m.who.Prospect, r)
		if !ok {
			m.noteLine(Line{Kind: Unable, Detail: what + ": no form on the page"})
			return false
		}
		values := form.values
		if form.method == http.MethodGet {
			values = nil
		}
		a, err := m.web.tryOnce(m.life, form.method, form.to, m.who.Browser, values)
		if err == nil {
			a, err = m.web.followRedirects(m.life, a, m.who.Browser)
		}
		switch {
		case err == nil && a.isGood() && form.method == http.MethodPost && !asksForMore(a):
			return true
		case err == nil && a.isGood():
			page = a // the next step
		case err == nil && (a.code == http.StatusConflict || a.code == http.StatusUnprocessableEntity):
			if page, err = m.web.tryOnce(m.life, http.MethodGet, start.url.String(), m.who.Browser, nil); m.noteFailure(what, page, err) {
				return false
			}
		default:
			m.noteFailure(what, a, err)
			return false
		}
	}
	m.noteLine(Line{Kind: Unable, Detail: what + ": too many steps"})
	return false
}

// asksForMore reports whether the answer to a form is the next step of it: one that can't be left out asks for something to be typed in.
func asksForMore(page webAnswer) bool {
	root, err := html.Parse(strings.NewReader(page.body))
	if err != nil {
		return false
	}
	for n := range root.Descendants() {
		if kind := attributeValue(n, "type"); n.Type == html.ElementNode && n.Data == "input" && hasAttribute(n, "required") && (kind == "text" || kind == "email") {
			return true
		}
	}
	return false
}

// oneClick is the mail program's own button (RFC 8058): a POST that must not be redirected.
func (m *receivedMessage) oneClick() {
	if m.of.oneClick == "" {
		m.noteLine(Line{Kind: Unable, Detail: "no one-click unsubscribe"})
		return
	}
	a, err := m.web.tryOnce(m.life, http.MethodPost, m.of.oneClick, m.who.Proxy, url.Values{"List-Unsubscribe": {"One-Click"}})
	if m.noteFailure(Unsubscribed, a, err) {
		return
	}
	if !a.isGood() {
		m.noteLine(Line{Kind: Declined, Detail: "one-click unsubscribe was redirected", Code: a.code})
		return
	}
	m.noteLine(Line{Kind: Unsubscribed, Detail: outOneClick})
}

func (m *receivedMessage) unsubscribePage(r *rand.Rand) {
	k, ok := m.of.unsubscribeLink()
	if !ok {
		m.noteLine(Line{Kind: Unable, Detail: "no unsubscribe link"})
		return
	}
	page, ok := m.visitPage(k.url)
	if ok && m.submitForm(page, "unsubscribe", r) {
		m.noteLine(Line{Kind: Unsubscribed, Detail: outPage})
	}
}
