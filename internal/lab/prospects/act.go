package prospects

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
)

// open fetches the message's images.
func (m *mailed) open(kind string) {
	agent, seen := m.who.Proxy, false
	for _, u := range m.of.images {
		a, err := m.web.try(m.life, http.MethodGet, u, agent, nil)
		if m.failed(kind, a, err) {
			continue
		}
		seen = true
	}
	if seen {
		m.note(Line{Kind: kind})
	}
}

// failed notes what went wrong. What is elsewhere in the world isn't the product's and says nothing.
func (m *mailed) failed(what string, a answer, err error) bool {
	switch {
	case errors.Is(err, errElsewhere):
		return true
	case err != nil:
		m.note(Line{Kind: Unanswered, Detail: what + ": " + err.Error()})
		return true
	case a.good() || a.redirect():
		return false
	}
	m.note(Line{Kind: Declined, Detail: what, Code: a.code})
	return true
}

// scan is what a company's filter does: every link, also hidden ones, within seconds; half of them ask with HEAD first.
func (m *mailed) scan(r *rand.Rand) {
	agent, head := pick(r, scanners()), r.IntN(2) == 0
	var seen []string
	for _, k := range m.of.links {
		if slices.Contains(seen, k.url) {
			continue
		}
		seen = append(seen, k.url)
		if head {
			_, _ = m.web.try(m.life, http.MethodHead, k.url, agent, nil) // says nothing
		}
		a, err := m.web.try(m.life, http.MethodGet, k.url, agent, nil)
		if !m.failed(Scanned, a, err) {
			m.note(Line{Kind: Scanned})
		}
	}
}

func (m *mailed) click(r *rand.Rand) {
	if offers := m.of.offers(); len(offers) > 0 {
		_, _ = m.visit(pick(r, offers).url)
	}
}

// visit follows a link to a page, as a person.
func (m *mailed) visit(u string) (answer, bool) {
	a, err := m.web.try(m.life, http.MethodGet, u, m.who.Browser, nil)
	if m.failed(Clicked, a, err) {
		return a, false
	}
	if !a.redirect() {
		m.note(Line{Kind: Visited})
		return a, true
	}
	m.note(Line{Kind: Clicked})
	a, err = m.web.follow(m.life, a, m.who.Browser)
	return a, !m.failed(Visited, a, err) && a.good()
}

// book follows the link that offers a meeting and fills in what it shows. When somebody else took the time, another is tried.
func (m *mailed) book(r *rand.Rand) {
	k, ok := m.of.bookingLink()
	if !ok {
		m.note(Line{Kind: Unable, Detail: "no booking link"})
		return
	}
	page, ok := m.visit(k.url)
	if !ok {
		return
	}
	if m.submit(page, "booking", r) {
		m.note(Line{Kind: Booked})
	}
}

// submit fills in forms until one that is posted is answered with a page.
func (m *mailed) submit(page answer, what string, r *rand.Rand) bool {
	start := page
	for range 6 {
		form, ok := fillForm(page, m.who.Person, r)
		if !ok {
			m.note(Line{Kind: Unable, Detail: what + ": no form on the page"})
			return false
		}
		values := form.values
		if form.method == http.MethodGet {
			values = nil
		}
		a, err := m.web.try(m.life, form.method, form.to, m.who.Browser, values)
		if err == nil {
			a, err = m.web.follow(m.life, a, m.who.Browser)
		}
		switch {
		case err == nil && a.good() && form.method == http.MethodPost:
			return true
		case err == nil && a.good():
			page = a // the next step
		case err == nil && (a.code == http.StatusConflict || a.code == http.StatusUnprocessableEntity):
			if page, err = m.web.try(m.life, http.MethodGet, start.url.String(), m.who.Browser, nil); m.failed(what, page, err) {
				return false
			}
		default:
			m.failed(what, a, err)
			return false
		}
	}
	m.note(Line{Kind: Unable, Detail: what + ": too many steps"})
	return false
}

// oneClick is the mail program's own button (RFC 8058): a POST that must not be redirected.
func (m *mailed) oneClick() {
	if m.of.oneClick == "" {
		m.note(Line{Kind: Unable, Detail: "no one-click unsubscribe"})
		return
	}
	a, err := m.web.try(m.life, http.MethodPost, m.of.oneClick, m.who.Proxy, url.Values{"List-Unsubscribe": {"One-Click"}})
	if m.failed(Unsubscribed, a, err) {
		return
	}
	if !a.good() {
		m.note(Line{Kind: Declined, Detail: "one-click unsubscribe was redirected", Code: a.code})
		return
	}
	m.note(Line{Kind: Unsubscribed, Detail: outOneClick})
}

func (m *mailed) unsubscribePage(r *rand.Rand) {
	k, ok := m.of.unsubscribeLink()
	if !ok {
		m.note(Line{Kind: Unable, Detail: "no unsubscribe link"})
		return
	}
	page, ok := m.visit(k.url)
	if ok && m.submit(page, "unsubscribe", r) {
		m.note(Line{Kind: Unsubscribed, Detail: outPage})
	}
}
