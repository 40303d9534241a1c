package chhttp

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/proto"

	"outrider/internal/engines/chlib"
)

// writeHello answers clickhouse-go's first query. It decodes this one reply at revision 54460 (block info and one byte of
// custom serialisation a column) and then adopts the revision that we report; 0 makes it read everything after in the
// plain Native layout, which is what the engine as a library writes.
func (s *Server) writeHello(w http.ResponseWriter, r *http.Request) {
	var b proto.Buffer
	b.PutUVarInt(1) // block info: not overflows, no bucket
	b.PutBool(false)
	b.PutUVarInt(2)
	b.PutInt32(-1)
	b.PutUVarInt(0)
	b.PutUVarInt(4) // columns
	b.PutUVarInt(1) // rows
	column := func(name, kind string) {
		b.PutString(name)
		b.PutString(kind)
		b.PutBool(false)
	}
	column("displayName()", "String")
	b.PutString("embedded")
	column("version()", "String")
	b.PutString(s.version)
	column("revision()", "UInt32")
	b.PutUInt32(0)
	column("timezone()", "String")
	b.PutString(s.zone)
	o := newOutput(w, r)
	_, _ = o.Write(b.Buf)
	o.Close()
}

func (s *Server) runInsert(w http.ResponseWriter, r *http.Request, c *chlib.Conn, st *statement) {
	in, err := c.Begin(st.query, st.insert)
	if err != nil {
		s.writeFailure(w, err)
		return
	}
	defer in.Close()
	buf := make([]byte, 256<<10)
	for {
		n, readErr := st.body.Read(buf)
		if err := in.Append(buf[:n]); err != nil {
			s.writeFailure(w, err)
			return
		}
		if errors.Is(readErr, io.EOF) {
			break
		}
		if readErr != nil {
			in.Cancel()
			s.writeFailure(w, fmt.Errorf("read the insert's data: %w", readErr))
			return
		}
	}
	if r.Context().Err() != nil {
		in.Cancel()
		return
	}
	stats, err := in.Done()
	if err != nil {
		s.writeFailure(w, err)
		return
	}
	w.Header().Set("X-ClickHouse-Summary", summaryHeader(stats))
	w.Header().Set("Content-Length", "0")
}

func (s *Server) runPlain(w http.ResponseWriter, r *http.Request, c *chlib.Conn, st *statement) {
	b, stats, err := c.Query(st.query, st.format, st.params...)
	if err != nil {
		s.writeFailure(w, err)
		return
	}
	w.Header().Set("X-ClickHouse-Summary", summaryHeader(stats))
	if len(b) == 0 {
		w.Header().Set("Content-Length", "0")
		return
	}
	o := newOutput(w, r)
	_, _ = o.Write(b)
	o.Close()
}

func (s *Server) runSelect(w http.ResponseWriter, r *http.Request, c *chlib.Conn, st *statement) {
	var o *output
	_, err := c.Stream(st.query, st.format, func(b []byte) error {
		if o == nil {
			w.Header().Set("X-ClickHouse-Exception-Tag", st.tag[:16])
			o = newOutput(w, r)
		}
		if err := r.Context().Err(); err != nil {
			return err
		}
		_, err := o.Write(b)
		return err
	}, st.params...)
	switch {
	case err != nil && o == nil && strings.Contains(err.Error(), "Streaming query is not supported"):
		s.runPlain(w, r, c, st)
		return
	case err != nil && o == nil:
		s.writeFailure(w, err)
		return
	case err != nil && r.Context().Err() != nil:
		return
	case err != nil: // ClickHouse's way to report an error in the middle of a body
		o.bytesWritten()
		t, m := st.tag[:16], err.Error()
		_, _ = fmt.Fprintf(o, "\r\n__exception__\r\n%s\r\n%s\n%d %s\r\n__exception__\r\n", t, m, len(m)+1, t)
	case o == nil:
		w.Header().Set("Content-Length", "0")
		return
	}
	o.Close()
}

func summaryHeader(st chlib.Stats) string {
	b, _ := json.Marshal(map[string]string{"read_rows": strconv.FormatUint(st.RowsRead, 10), "read_bytes": strconv.FormatUint(st.BytesRead, 10),
		"written_rows": strconv.FormatUint(st.RowsWritten, 10), "written_bytes": strconv.FormatUint(st.BytesWritten, 10)})
	return string(b)
}
