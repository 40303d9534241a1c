package api

import (
	"errors"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// A request that came too slowly is fit to be sent again: it isn't malformed.
func TestASlowBodyIsNoMalformedOne(t *testing.T) {
	t.Parallel()
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	if err := here.SetReadDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	_, stalled := multipart.NewReader(here, "edge").NextPart()
	_, short := multipart.NewReader(io.LimitReader(here, 0), "edge").NextPart()
	_, plain := io.ReadAll(here)
	for name, c := range map[string]struct {
		err    error
		status int
	}{
		"the form of an upload":    {formProblem(stalled, "x"), http.StatusRequestTimeout},
		"a body":                   {bodyProblem(plain, "x"), http.StatusRequestTimeout},
		"a form that ends early":   {formProblem(short, "x"), http.StatusBadRequest},
		"what the library refuses": {problemOf(fiber.ErrRequestTimeout), http.StatusRequestTimeout},
	} {
		var p *problem
		if !errors.As(c.err, &p) || p.Status != c.status {
			t.Errorf("%s: %v", name, c.err)
		}
	}
}
