package api_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/api"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/sealedtext"
	"outrider/internal/blob"
	"outrider/internal/dial"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/mail/remoteimage"
	"outrider/projections"
)

// serveImages is a server that fetches images from this machine; bodies of mails lie in the bucket.
func (w *world) serveImages(reach dial.Reach) *blob.Bucket {
	w.t.Helper()
	bucket, err := blob.Open(w.t.Context(), w.t.TempDir())
	check(w.t, err)
	w.t.Cleanup(func() { _ = bucket.Close() })
	w.serve(func(c *api.Config) {
		c.Objects, c.RemoteImages = bucket, remoteimage.New(remoteimage.Config{Dialer: dial.Dialer{Reach: reach}, Timeout: time.Minute})
	})
	return bucket
}

// laidOut is a mail that came in with HTML, and where that is looked at.
func (c *client) laidOut(bucket *blob.Bucket, x conversation, html string) (path, at string) {
	c.t.Helper()
	keys, err := c.cfg.Vault.Keys(c.t.Context(), c.org, []uuid.UUID{parsed(x.lead)})
	check(c.t, err)
	ref, err := sealedtext.StoreBody(c.t.Context(), bucket, keys[0], html)
	check(c.t, err)
	mail := events.Mail{MailID: uuid.New(), ReceivedAt: c.clock.now().UTC(), Subject: c.seal(x.lead, projections.SubjectField, "Re: A question"), Body: c.seal(x.lead, projections.BodyField, "Look")}
	c.submit(commands.RecordReply{SentMessageRef: c.answered(x.outreach, x.message), From: events.FromLead, Meaning: events.MeansOther, Mail: mail})
	_, at = c.submit(commands.IdentifyMail{SentMessageRef: c.answered(x.outreach, x.message), MailID: mail.MailID, AddressHash: strings.Repeat("a", 32),
		Header: c.seal(x.lead, projections.HeaderField, `{"message_id":"a1@victim.test","from":"ann@victim.test","html_ref":"`+ref+`"}`)})
	return "/v1/inbox/items/" + mail.MailID.String() + "/html", at
}

var sealedImage = regexp.MustCompile(`<img src="(/v1/inbox/images/([A-Za-z0-9_-]+))"`)

// imagesOf are the addresses of a page's images.
func imagesOf(page answer) (all []string) {
	for _, found := range sealedImage.FindAllSubmatch(page.body, -1) {
		all = append(all, string(found[1]))
	}
	return all
}

func drawing(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	check(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 20, 10))))
	return b.Bytes()
}

func TestImagesOfAMailAreFetchedThroughUs(t *testing.T) {
	t.Parallel()
	w := build(t)
	bucket := w.serveImages(dial.Loopback)
	c := w.tenant("growth")
	x := c.conversation()
	want := drawing(t)
	var asked atomic.Int32
	theirs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("Cookie")+r.Header.Get("Referer")+r.Header.Get("Authorization")+r.Header.Get("X-Forwarded-For") != "" || strings.Contains(r.UserAgent(), "Go") {
			t.Errorf("it is asked with %v", r.Header)
		}
		w.Header().Set("Set-Cookie", "who=ann")
		w.Header().Set("Content-Security-Policy", "img-src *")
		_, _ = w.Write(want)
	}))
	t.Cleanup(theirs.Close)
	signer := linktoken.Links{Signer: w.cfg.Signer, Base: base}
	token := linktoken.Token{Org: c.org, Message: parsed(x.message)}
	ours := []string{signer.Open(token), "https://proxy.test/?u=" + url.QueryEscape(signer.Open(token)), signer.Click(token), "https://safe.test/?url=" + url.QueryEscape(signer.Click(token)), signer.Unsubscribe(token)}
	html := `<p>Look</p><img src="` + theirs.URL + `/logo?for=ann" alt="Logo">`
	for _, address := range ours {
		html += `<img src="` + address + `"><a href="` + address + `">link</a>`
	}
	path, at := c.laidOut(bucket, x, html)

	off := c.ok("GET", path, nil, "Outrider-Position", at)
	if asked.Load() != 0 || off.header.Get("Outrider-Images") != "1" || len(imagesOf(off)) != 0 || !strings.Contains(off.header.Get("Content-Security-Policy"), "img-src 'none'") {
		t.Fatalf("not asked for: %v %s", off.header, off.body)
	}
	page := c.ok("GET", path+"?images=true", nil)
	images := imagesOf(page)
	for _, text := range []string{"outrider.test/", "proxy.test", "safe.test", theirs.URL, "href"} {
		if _, body, _ := strings.Cut(string(page.body), "<body>"); strings.Contains(body, text) {
			t.Errorf("%s is in %s", text, body)
		}
	}
	if policy := page.header.Get("Content-Security-Policy"); len(images) != 1 || page.header.Get("Outrider-Images") != "1" || asked.Load() != 0 ||
		!strings.HasPrefix(policy, "default-src 'none'; img-src "+base+"/v1/inbox/images/ https"+strings.TrimPrefix(c.url(), "http")+"/v1/inbox/images/ "+c.url()+"/v1/inbox/images/; ") || !strings.HasSuffix(policy, "sandbox") {
		t.Fatalf("got %v %s", page.header, page.body)
	}

	stranger := &client{world: w} // the frame has no cookie
	got := stranger.do("GET", images[0], nil)
	for name, value := range map[string]string{"Content-Type": "image/png", "Set-Cookie": "", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox", "Cross-Origin-Resource-Policy": "cross-origin", "Referrer-Policy": "no-referrer"} {
		if got.header.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, got.header.Get(name), value)
		}
	}
	if seconds, private := strings.CutPrefix(got.header.Get("Cache-Control"), "private, max-age="); got.status != 200 || !bytes.Equal(got.body, want) || asked.Load() != 1 || !private {
		t.Errorf("got %d %v", got.status, got.header)
	} else if n, err := strconv.Atoi(seconds); err != nil || n > 600 {
		t.Errorf("it is kept for %s", seconds)
	}

	thief, few := w.tenant("growth"), c.with("messages:read")
	thief.refused(404, "not_found", "GET", path+"?images=true", nil)
	few.refused(403, "forbidden", "GET", path+"?images=true", nil)
	c.refused(400, "malformed_request", "GET", path+"?images=perhaps", nil)
}

// TestAnAddressOfAnImageIsGoodForNothingElse: it is nobody's way to have us ask somebody.
func TestAnAddressOfAnImageIsGoodForNothingElse(t *testing.T) {
	t.Parallel()
	w := build(t)
	bucket := w.serveImages(dial.Loopback)
	c := w.tenant("growth")
	var asked atomic.Int32
	answers := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }
	theirs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		answers(w, r)
	}))
	t.Cleanup(theirs.Close)
	path, at := c.laidOut(bucket, c.conversation(), `<img src="`+theirs.URL+`/a"><img src="`+theirs.URL+`/b"><img src="http://10.0.0.1/c">`)
	images := imagesOf(c.ok("GET", path+"?images=true", nil, "Outrider-Position", at))
	if len(images) != 3 {
		t.Fatalf("got %v", images)
	}
	stranger := &client{world: w}
	sealed := func(bound, place string) string {
		b, err := w.cfg.Vault.SealCursor(t.Context(), es.SystemOrg, bound, place)
		check(t, err)
		return "/v1/inbox/images/" + base64.RawURLEncoding.EncodeToString(b)
	}
	at10 := strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(images[0], "/v1/inbox/images/"))
	check(t, err)
	raw[len(raw)-1] ^= 1
	for is, address := range map[string]string{
		"tampered with": "/v1/inbox/images/" + base64.RawURLEncoding.EncodeToString(raw),
		"plain":         "/v1/inbox/images/" + base64.RawURLEncoding.EncodeToString([]byte(at10+" "+c.org.String()+" "+theirs.URL)),
		"no token":      "/v1/inbox/images/x",
		"expired":       sealed("image of a mail", "1000 "+c.org.String()+" "+theirs.URL),
		"of a report":   sealed("link to a file of a report", at10+" "+c.org.String()+" "+theirs.URL),
		"of nobody":     sealed("image of a mail", at10+" nobody "+theirs.URL),
		"without end":   sealed("image of a mail", "x "+c.org.String()+" "+theirs.URL),
		"our own":       sealed("image of a mail", at10+" "+c.org.String()+" "+base+"/t/o/x"),
	} {
		if a := stranger.do("GET", address, nil); a.status != 404 || a.text("code") != "not_found" {
			t.Errorf("%s: %d %s", is, a.status, a.body)
		}
	}
	if asked.Load() != 0 {
		t.Errorf("it was asked %d times", asked.Load())
	}

	var said []string
	for is, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"a page": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<!doctype html><p>Hello")) },
		"an SVG": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))
		},
		"too large": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(append(drawing(t), make([]byte, 5<<20)...))
		},
		"an error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"a redirect inside": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
		},
		"a redirect to us":    func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, base+"/t/o/x", http.StatusFound) },
		"a closed connection": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		answers = answer
		before := asked.Load()
		a := stranger.do("GET", images[0], nil)
		if a.status != 404 || a.text("code") != "not_found" || asked.Load() == before {
			t.Errorf("%s: %d %s", is, a.status, a.body)
		}
		said = append(said, a.text("detail"))
	}
	for _, detail := range append(said, stranger.do("GET", images[2], nil).text("detail")) {
		if detail != said[0] || detail == "" {
			t.Errorf("one says %q, another %q", said[0], detail)
		}
	}

	answers = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(drawing(t)) }
	if a := stranger.do("GET", images[1], nil); a.status != 200 {
		t.Errorf("the other one: %d %s", a.status, a.body)
	}
	w.serveImages(dial.Public) // as in production
	if before, a := asked.Load(), stranger.do("GET", images[1], nil); a.status != 404 || a.text("detail") != said[0] || asked.Load() != before {
		t.Errorf("of a server inside: %d %s", a.status, a.body)
	}
	w.serve(nil)
	stranger.refused(503, "unavailable", "GET", images[1], nil)
}
