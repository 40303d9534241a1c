package chhttp

import (
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/andybalholm/brotli"
)

// openInput undoes the compressions that a request's body may have.
func openInput(r *http.Request, inBlocks bool) (io.Reader, error) {
	var rd io.Reader = r.Body
	var err error
	switch enc := r.Header.Get("Content-Encoding"); enc {
	case "":
	case "gzip":
		rd, err = gzip.NewReader(rd)
	case "deflate":
		rd, err = zlib.NewReader(rd)
	case "br":
		rd = brotli.NewReader(rd)
	default:
		err = fmt.Errorf("Content-Encoding %q is not supported", enc)
	}
	if err != nil {
		return nil, err
	}
	if inBlocks {
		rd = compress.NewReader(rd)
	}
	return rd, nil
}

// blocks writes ClickHouse's compressed blocks.
type blocks struct {
	w io.Writer
	c *compress.Writer
}

func (b *blocks) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		k := min(len(p), 1<<20)
		if err := b.c.Compress(p[:k]); err != nil {
			return 0, err
		}
		if _, err := b.w.Write(b.c.Data); err != nil {
			return 0, err
		}
		p = p[k:]
	}
	return n, nil
}

// output is a response's body in the compression that was asked for.
type output struct {
	io.Writer
	close io.Closer
}

func newOutput(w http.ResponseWriter, r *http.Request) *output {
	q := r.URL.Query()
	if q.Get("compress") == "1" {
		m := compress.LZ4
		if strings.EqualFold(q.Get("network_compression_method"), "ZSTD") {
			m = compress.ZSTD
		}
		return &output{Writer: &blocks{w, compress.NewWriter(compress.LevelZero, m)}}
	}
	enc := r.Header.Get("Accept-Encoding")
	var c io.WriteCloser
	switch enc {
	case "gzip":
		c = gzip.NewWriter(w)
	case "deflate": // zlib framing, as the client's reader expects
		c = zlib.NewWriter(w)
	case "br":
		c = brotli.NewWriterLevel(w, 3)
	default:
		return &output{Writer: w}
	}
	w.Header().Set("Content-Encoding", enc)
	return &output{c, c}
}

// bytesWritten writes what follows as plain blocks, where there are blocks: an error must not wait in a compressor.
func (o *output) bytesWritten() {
	if b, ok := o.Writer.(*blocks); ok {
		b.c = compress.NewWriter(compress.LevelZero, compress.None)
	}
}

func (o *output) Close() {
	if o.close != nil {
		_ = o.close.Close()
	}
}
