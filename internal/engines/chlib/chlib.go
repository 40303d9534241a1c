// Package chlib binds libchdb, the ClickHouse engine as a shared library, without cgo: connections, queries with bound
// parameters, streamed results and streamed inserts. One connection runs one statement at a time; connections run in
// parallel. A process can open one data folder.
package chlib

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Library is a loaded libchdb. Its functions mirror chdb.h of version 26.7.
type Library struct {
	connect       func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	closeConn     func(conn unsafe.Pointer)
	query         func(conn, q unsafe.Pointer, ql uintptr, f unsafe.Pointer, fl uintptr) unsafe.Pointer
	queryParams   func(conn, q unsafe.Pointer, ql uintptr, f unsafe.Pointer, fl uintptr, n, nl, v, vl unsafe.Pointer, c uintptr) unsafe.Pointer
	stream        func(conn, q unsafe.Pointer, ql uintptr, f unsafe.Pointer, fl uintptr) unsafe.Pointer
	streamParams  func(conn, q unsafe.Pointer, ql uintptr, f unsafe.Pointer, fl uintptr, n, nl, v, vl unsafe.Pointer, c uintptr) unsafe.Pointer
	streamFetch   func(conn, res unsafe.Pointer) unsafe.Pointer
	streamCancel  func(conn, res unsafe.Pointer)
	destroyResult func(res unsafe.Pointer)
	insert        func(conn, q unsafe.Pointer, ql uintptr, f unsafe.Pointer, fl uintptr) unsafe.Pointer
	insertAppend  func(s, d unsafe.Pointer, l uintptr) int32
	insertDone    func(s unsafe.Pointer) unsafe.Pointer
	insertCancel  func(s unsafe.Pointer)
	insertError   func(s unsafe.Pointer) unsafe.Pointer
	destroyInsert func(s unsafe.Pointer)
	buffer        func(r unsafe.Pointer) unsafe.Pointer
	length        func(r unsafe.Pointer) uintptr
	rowsRead      func(r unsafe.Pointer) uint64
	bytesRead     func(r unsafe.Pointer) uint64
	rowsWritten   func(r unsafe.Pointer) uint64
	bytesWritten  func(r unsafe.Pointer) uint64
	resultError   func(r unsafe.Pointer) unsafe.Pointer
	signals       func(enabled int32)
	shutdown      func() int32
}

// Load opens the shared library. It keeps chDB from installing signal handlers: with them a nil dereference that Go
// would recover hangs the process.
func Load(path string) (*Library, error) {
	h, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load the ClickHouse engine: %w", err)
	}
	l := &Library{}
	for _, x := range []struct {
		fn   any
		name string
	}{
		{&l.connect, "chdb_connect"}, {&l.closeConn, "chdb_close_conn"}, {&l.query, "chdb_query_n"}, {&l.queryParams, "chdb_query_with_params_n"},
		{&l.stream, "chdb_stream_query_n"}, {&l.streamParams, "chdb_stream_query_with_params_n"}, {&l.streamFetch, "chdb_stream_fetch_result"},
		{&l.streamCancel, "chdb_stream_cancel_query"}, {&l.destroyResult, "chdb_destroy_query_result"}, {&l.insert, "chdb_stream_insert_n"},
		{&l.insertAppend, "chdb_stream_append"}, {&l.insertDone, "chdb_stream_done"}, {&l.insertCancel, "chdb_stream_cancel_insert"},
		{&l.insertError, "chdb_stream_insert_error"}, {&l.destroyInsert, "chdb_destroy_insert_stream"}, {&l.buffer, "chdb_result_buffer"},
		{&l.length, "chdb_result_length"}, {&l.rowsRead, "chdb_result_storage_rows_read"}, {&l.bytesRead, "chdb_result_storage_bytes_read"},
		{&l.rowsWritten, "chdb_result_rows_written"}, {&l.bytesWritten, "chdb_result_bytes_written"}, {&l.resultError, "chdb_result_error"},
		{&l.signals, "chdb_set_signal_handlers_enabled"}, {&l.shutdown, "chdb_shutdown"},
	} {
		if _, err := purego.Dlsym(h, x.name); err != nil {
			return nil, fmt.Errorf("load the ClickHouse engine: this library lacks %s: %w", x.name, err)
		}
		purego.RegisterLibFunc(x.fn, h, x.name)
	}
	l.signals(0)
	return l, nil
}

// Shutdown flushes and stops the engine; every connection must be closed.
func (l *Library) Shutdown() bool { return l.shutdown() == 0 }

// Conn is one session of the engine.
type Conn struct {
	lib *Library
	mu  sync.Mutex
	p   unsafe.Pointer // chdb_connection*
}

// Connect takes the engine's command-line arguments (--path=..., --config-file=...).
func (l *Library) Connect(args ...string) (*Conn, error) {
	argv := make([]*byte, 0, len(args)+2)
	for _, a := range append([]string{"clickhouse"}, args...) {
		b := append([]byte(a), 0)
		argv = append(argv, &b[0])
	}
	n := len(argv)
	argv = append(argv, nil)
	var pin runtime.Pinner
	defer pin.Unpin()
	for _, a := range argv[:n] {
		pin.Pin(a)
	}
	pin.Pin(&argv[0])
	p := l.connect(int32(n), unsafe.Pointer(&argv[0]))
	if p == nil {
		return nil, errors.New("open the ClickHouse engine: it refused the data folder (is it in use, or made by a newer version)")
	}
	return &Conn{lib: l, p: p}, nil
}

func (c *Conn) handleOf() unsafe.Pointer { return *(*unsafe.Pointer)(c.p) }

// Close ends the session: its settings and temporary tables go with it.
func (c *Conn) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.p != nil {
		c.lib.closeConn(c.p)
		c.p = nil
	}
}

// Stats are what a statement read from storage and wrote.
type Stats struct{ RowsRead, BytesRead, RowsWritten, BytesWritten uint64 }

// Param is a value for {name:Type} in a query.
type Param struct{ Name, Value string }

// Query gives the whole result in a format.
func (c *Conn) Query(q, format string, ps ...Param) ([]byte, Stats, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.callLibrary(c.lib.query, c.lib.queryParams, q, format, ps)
	if r != nil {
		defer c.lib.destroyResult(r)
	}
	if err := c.lib.errorOf(r); err != nil {
		return nil, Stats{}, err
	}
	var out []byte
	if n := c.lib.length(r); n > 0 {
		out = append(out, unsafe.Slice((*byte)(c.lib.buffer(r)), n)...)
	}
	return out, c.lib.readStats(r), nil
}

// Stream calls chunk with pieces of the result, each valid only during its call.
func (c *Conn) Stream(q, format string, chunk func([]byte) error, ps ...Param) (Stats, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.callLibrary(c.lib.stream, c.lib.streamParams, q, format, ps)
	if h != nil {
		defer c.lib.destroyResult(h)
	}
	if err := c.lib.errorOf(h); err != nil {
		return Stats{}, err
	}
	var st Stats
	for {
		done, err := c.fetchChunk(h, &st, chunk)
		if done || err != nil {
			return st, err
		}
	}
}

func (c *Conn) fetchChunk(h unsafe.Pointer, st *Stats, chunk func([]byte) error) (bool, error) {
	r := c.lib.streamFetch(c.handleOf(), h)
	if r != nil {
		defer c.lib.destroyResult(r)
	}
	if err := c.lib.errorOf(r); err != nil {
		return true, err
	}
	n := c.lib.length(r)
	if n == 0 {
		return true, nil
	}
	s := c.lib.readStats(r)
	st.RowsRead, st.BytesRead = s.RowsRead, s.BytesRead
	if err := chunk(unsafe.Slice((*byte)(c.lib.buffer(r)), n)); err != nil {
		c.lib.streamCancel(c.handleOf(), h)
		return true, err
	}
	return false, nil
}

type plainCall = func(conn, q unsafe.Pointer, ql uintptr, f unsafe.Pointer, fl uintptr) unsafe.Pointer

type paramCall = func(conn, q unsafe.Pointer, ql uintptr, f unsafe.Pointer, fl uintptr, n, nl, v, vl unsafe.Pointer, c uintptr) unsafe.Pointer

func (c *Conn) callLibrary(plain plainCall, with paramCall, q, format string, ps []Param) unsafe.Pointer {
	defer runtime.KeepAlive(q)
	defer runtime.KeepAlive(format)
	if len(ps) == 0 {
		return plain(c.handleOf(), goString(q), uintptr(len(q)), goString(format), uintptr(len(format)))
	}
	var pin runtime.Pinner
	defer pin.Unpin()
	names, nameLens := make([]unsafe.Pointer, len(ps)), make([]uintptr, len(ps))
	values, valueLens := make([]unsafe.Pointer, len(ps)), make([]uintptr, len(ps))
	for i, p := range ps {
		names[i], nameLens[i], values[i], valueLens[i] = goString(p.Name), uintptr(len(p.Name)), goString(p.Value), uintptr(len(p.Value))
		pin.Pin(names[i])
		pin.Pin(values[i])
	}
	return with(c.handleOf(), goString(q), uintptr(len(q)), goString(format), uintptr(len(format)), unsafe.Pointer(&names[0]), unsafe.Pointer(&nameLens[0]),
		unsafe.Pointer(&values[0]), unsafe.Pointer(&valueLens[0]), uintptr(len(ps)))
}

func goString(s string) unsafe.Pointer {
	if s == "" {
		s = "\x00"
	}
	return unsafe.Pointer(unsafe.StringData(s))
}

func (l *Library) errorOf(r unsafe.Pointer) error {
	if r == nil {
		return errors.New("the ClickHouse engine gave no result")
	}
	if e := l.resultError(r); e != nil {
		return errors.New(cString(e))
	}
	return nil
}

func (l *Library) readStats(r unsafe.Pointer) Stats {
	return Stats{l.rowsRead(r), l.bytesRead(r), l.rowsWritten(r), l.bytesWritten(r)}
}

func cString(p unsafe.Pointer) string {
	if p == nil {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(p, n)) != 0 {
		n++
	}
	return string(unsafe.Slice((*byte)(p), n))
}

// Insert is a streamed insert; it holds its connection until Close.
type Insert struct {
	c *Conn
	s unsafe.Pointer
}

// Begin starts an insert; q is INSERT INTO ... without a FORMAT clause.
func (c *Conn) Begin(q, format string) (*Insert, error) {
	c.mu.Lock()
	in := &Insert{c, c.lib.insert(c.handleOf(), goString(q), uintptr(len(q)), goString(format), uintptr(len(format)))}
	runtime.KeepAlive(q)
	if e := c.lib.insertError(in.s); e != nil {
		err := errors.New(cString(e))
		in.Close()
		return nil, err
	}
	return in, nil
}

// Append gives the engine the next bytes, cut anywhere.
func (i *Insert) Append(b []byte) error {
	if len(b) > 0 && i.c.lib.insertAppend(i.s, unsafe.Pointer(&b[0]), uintptr(len(b))) != 0 {
		return errors.New(cString(i.c.lib.insertError(i.s)))
	}
	return nil
}

// Done commits.
func (i *Insert) Done() (Stats, error) {
	r := i.c.lib.insertDone(i.s)
	if r != nil {
		defer i.c.lib.destroyResult(r)
	}
	if err := i.c.lib.errorOf(r); err != nil {
		return Stats{}, err
	}
	return i.c.lib.readStats(r), nil
}

// Cancel gives up; nothing was inserted.
func (i *Insert) Cancel() { i.c.lib.insertCancel(i.s) }

// Close frees the insert and its connection.
func (i *Insert) Close() {
	if i.s != nil {
		i.c.lib.destroyInsert(i.s)
		i.s = nil
		i.c.mu.Unlock()
	}
}
