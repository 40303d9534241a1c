package remoteimage_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/dial"
	"outrider/internal/mail/remoteimage"
	"outrider/internal/picture"
)

func drawn(t *testing.T, encode func(*bytes.Buffer, image.Image) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, image.NewPaletted(image.Rect(0, 0, 3, 2), color.Palette{color.Black, color.White})); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func aPNG(t *testing.T) []byte {
	t.Helper()
	return drawn(t, func(b *bytes.Buffer, m image.Image) error { return png.Encode(b, m) })
}

func local() *remoteimage.Fetcher {
	return remoteimage.New(remoteimage.Config{Dialer: dial.Dialer{Reach: dial.Loopback}, Timeout: time.Minute})
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

func fetch(t *testing.T, f *remoteimage.Fetcher, address string) (remoteimage.Image, error) {
	t.Helper()
	return f.Fetch(t.Context(), remoteimage.Wanted{Org: uuid.New(), Address: address})
}

func TestAnImageIsFetchedWithoutAWordOfWhoLooks(t *testing.T) {
	t.Parallel()
	want := aPNG(t)
	var hops atomic.Int32
	at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hops.Add(1)
		for name, values := range r.Header {
			if name != "User-Agent" && name != "Accept" {
				t.Errorf("it is asked with %s: %s", name, values)
			}
		}
		http.SetCookie(w, &http.Cookie{Name: "who", Value: "ann"})
		if r.URL.Path == "/from" {
			http.Redirect(w, r, "/to?who=ann", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "text/html") // what it is called doesn't count
		_, _ = w.Write(want)
	})
	got, err := fetch(t, local(), at+"/from")
	if err != nil || got.MediaType != "image/png" || !bytes.Equal(got.Bytes, want) || hops.Load() != 2 {
		t.Errorf("got %s in %d requests: %v", got.MediaType, hops.Load(), err)
	}
}

func TestOnlyImagesAreShown(t *testing.T) {
	t.Parallel()
	var body []byte
	at := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(body)
	})
	f := local()
	for is, file := range map[string][]byte{
		"image/png":  aPNG(t),
		"image/jpeg": drawn(t, func(b *bytes.Buffer, m image.Image) error { return jpeg.Encode(b, m, nil) }),
		"image/gif":  drawn(t, func(b *bytes.Buffer, m image.Image) error { return gif.Encode(b, m, nil) }),
		"image/webp": []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"),
	} {
		body = file
		if got, err := fetch(t, f, at); err != nil || got.MediaType != is {
			t.Errorf("%s: %q, %v", is, got.MediaType, err)
		}
	}
	for is, file := range map[string]string{
		"an SVG":             `<svg xmlns="http://www.w3.org/2000/svg"><script>steal()</script></svg>`,
		"an SVG with a head": `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`,
		"a page":             "<!doctype html><p>Hello",
		"nothing":            "",
		"a head alone":       "\x89PNG\r\n\x1a\n",
	} {
		body = []byte(file)
		got, err := fetch(t, f, at)
		if refused := (*picture.RefusedError)(nil); !errors.As(err, &refused) || !errors.Is(err, remoteimage.ErrUnavailable) || got.Bytes != nil {
			t.Errorf("%s: %q, %v", is, got.MediaType, err)
		}
	}
}

func TestAnImageHasBounds(t *testing.T) {
	t.Parallel()
	big := append(aPNG(t), make([]byte, remoteimage.MaxBytes)...)
	at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/unsaid":
			w.(http.Flusher).Flush() // without a length
			_, _ = w.Write(big)
		case "/said":
			_, _ = w.Write(big)
		case "/gone":
			w.WriteHeader(http.StatusGone)
			_, _ = w.Write(big[:100])
		case "/never":
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		}
	})
	for path, want := range map[string]error{"/said": remoteimage.ErrTooLarge, "/unsaid": remoteimage.ErrTooLarge, "/gone": remoteimage.ErrStatus, "/round": remoteimage.ErrForbidden} {
		if _, err := fetch(t, local(), at+path); !errors.Is(err, want) || !errors.Is(err, remoteimage.ErrUnavailable) {
			t.Errorf("%s: %v", path, err)
		}
	}
	hasty := remoteimage.New(remoteimage.Config{Dialer: dial.Dialer{Reach: dial.Loopback}, Timeout: 50 * time.Millisecond})
	if _, err := fetch(t, hasty, at+"/never"); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, remoteimage.ErrUnavailable) {
		t.Errorf("what never ends: %v", err)
	}
}

// inside answers every name with an address of ours.
type inside struct{}

func (inside) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::ffff:10.0.0.1")}, nil
}

func TestNothingInsideIsAsked(t *testing.T) {
	t.Parallel()
	asked := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("it was asked") })
	_, port, _ := strings.Cut(strings.TrimPrefix(asked, "http://"), ":")
	public := remoteimage.New(remoteimage.Config{Dialer: dial.Dialer{Resolver: inside{}}, Timeout: time.Minute})
	allPorts := remoteimage.New(remoteimage.Config{Dialer: dial.Dialer{Resolver: inside{}, Ports: []int{80, 443, 8080}}, Timeout: time.Minute})
	for _, address := range []string{asked, "http://localhost:" + port, "http://images.example.com:" + port, "http://images.example.com", "https://169.254.169.254/latest/meta-data", "http://[::1]:80", "http://[::ffff:127.0.0.1]/", "http://8.8.8.8:22/"} {
		for _, f := range []*remoteimage.Fetcher{public, allPorts} {
			if _, err := fetch(t, f, address); !errors.Is(err, dial.ErrForbidden) || !errors.Is(err, remoteimage.ErrUnavailable) {
				t.Errorf("%s: %v", address, err)
			}
		}
	}
	for _, address := range []string{"ftp://images.example.com/x", "file:///etc/passwd", "http://", "gopher://x", "http://user:pass@images.example.com", "\x00"} {
		if _, err := fetch(t, public, address); !errors.Is(err, remoteimage.ErrForbidden) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// A redirect leads nowhere where its address would not: the machine stands for the public here, and what is elsewhere for inside.
func TestARedirectLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	var to string
	at := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) })
	for target, want := range map[string]error{
		"http://10.0.0.1/":                dial.ErrForbidden,
		"http://169.254.169.254/latest":   dial.ErrForbidden,
		"file:///etc/passwd":              remoteimage.ErrForbidden,
		"http://user:pass@127.0.0.1:1/":   remoteimage.ErrForbidden,
		"https://app.ours.test/t/o/token": remoteimage.ErrForbidden,
	} {
		to = target
		_, err := local().Fetch(t.Context(), remoteimage.Wanted{Org: uuid.New(), Address: at, Ours: func(a string) bool { return strings.Contains(a, "ours.test") }})
		if !errors.Is(err, want) {
			t.Errorf("to %s: %v", target, err)
		}
	}
}

func TestAnOrganisationFetchesSoManyAMinute(t *testing.T) {
	t.Parallel()
	f, org := local(), uuid.New()
	for i := range remoteimage.PerMinute + 1 {
		_, err := f.Fetch(t.Context(), remoteimage.Wanted{Org: org, Address: "file:///"})
		busy := (*remoteimage.BusyError)(nil)
		if refused := errors.As(err, &busy); refused != (i == remoteimage.PerMinute) {
			t.Fatalf("the image %d: %v", i, err)
		}
	}
	if _, err := f.Fetch(t.Context(), remoteimage.Wanted{Org: uuid.New(), Address: "file:///"}); !errors.Is(err, remoteimage.ErrForbidden) {
		t.Errorf("another organisation: %v", err)
	}
}

// Four of an organisation are under way at a time: a fifth waits, another organisation's doesn't.
func TestAnOrganisationFetchesFourAtATime(t *testing.T) {
	t.Parallel()
	came, goOn, want := make(chan string, 10), make(chan struct{}), aPNG(t)
	at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		came <- r.URL.Path
		<-goOn
		_, _ = w.Write(want)
	})
	f, org, ends := local(), uuid.New(), make(chan error, 10)
	for range 5 {
		go func() {
			_, err := f.Fetch(t.Context(), remoteimage.Wanted{Org: org, Address: at + "/own"})
			ends <- err
		}()
	}
	for range 4 {
		if path := <-came; path != "/own" {
			t.Fatal(path)
		}
	}
	go func() {
		_, err := f.Fetch(t.Context(), remoteimage.Wanted{Org: uuid.New(), Address: at + "/others"})
		ends <- err
	}()
	if path := <-came; path != "/others" {
		t.Errorf("a fifth of the same organisation is asked for: %s", path)
	}
	close(goOn)
	for range 6 {
		if err := <-ends; err != nil {
			t.Error(err)
		}
	}
}
