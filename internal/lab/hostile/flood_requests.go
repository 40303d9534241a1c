package hostile

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"outrider/internal/retry"

	"github.com/valyala/fasthttp"
)

// requestFlood is callers who ask for the same again and again, each as soon as it is answered, or a pause later.
type requestFlood struct {
	Callers      int
	Method, Path string
	Header       map[string]string
	Body         string
	Rows         int           // of a file of leads that is the body
	Pause        time.Duration // of a caller after an answer
}

// unique stands in a flood's path, headers and body for something that was never there before.
const unique = "{n}"

func (f requestFlood) start(ctx context.Context, url string, all *sync.WaitGroup, seen *tally) {
	web := &fasthttp.Client{MaxConnsPerHost: f.Callers, ReadTimeout: 60 * time.Second, WriteTimeout: 60 * time.Second, MaxIdemponentCallAttempts: 1}
	var n atomic.Int64
	n.Store(time.Now().UnixNano())
	for range f.Callers {
		all.Go(func() {
			req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
			for ctx.Err() == nil {
				f.fill(req, url, strconv.FormatInt(n.Add(1), 36))
				err := web.Do(req, res)
				switch {
				case ctx.Err() != nil:
				case err != nil:
					seen.add("no answer", 1)
					_ = retry.Sleep(ctx, 10*time.Millisecond)
				default:
					seen.add(strconv.Itoa(res.StatusCode()), 1)
					_ = retry.Sleep(ctx, f.Pause)
				}
			}
		})
	}
}

func (f requestFlood) fill(req *fasthttp.Request, url, n string) {
	req.Reset()
	req.Header.SetMethod(f.Method)
	req.SetRequestURI(url + strings.ReplaceAll(f.Path, unique, n))
	for name, value := range f.Header {
		req.Header.Set(name, strings.ReplaceAll(value, unique, n))
	}
	if f.Rows > 0 {
		contentType, body := fileOf(f.Rows, n)
		req.Header.SetContentType(contentType)
		req.SetBody(body)
		return
	}
	if f.Body != "" {
		if f.Header["Content-Type"] == "" {
			req.Header.SetContentType("application/json")
		}
		req.SetBodyString(strings.ReplaceAll(f.Body, unique, n))
	}
}

// fileOf is a form with a file of leads that nobody has.
func fileOf(rows int, n string) (contentType string, body []byte) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, _ := w.CreateFormFile("file", "leads.csv") // into memory
	fmt.Fprint(part, "Email,First Name,Last Name,Company\n")
	for i := range rows {
		fmt.Fprintf(part, "greedy-%s-%d@company-%d.example.com,Gustav,Greedy,Company %d\n", n, i, i%500, i%500)
	}
	_ = w.Close() // likewise
	return w.FormDataContentType(), form.Bytes()
}
