package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"

	"outrider/api"
	"outrider/web"
)

// doorDrain is how long the last answers of a door may take.
const doorDrain = time.Second

// Door answers at a process' address from its first moment on, until its api does.
type Door struct {
	startup  *Startup
	listener net.Listener
	pass     *passingListener
	server   *api.StartingServer
	ended    chan error
}

// OpenDoor listens, and answers with the dashboard and how far the start is.
func OpenDoor(ctx context.Context, address string, startup *Startup) (*Door, error) {
	pages, ok := web.Dashboard()
	if !ok {
		pages = nil
	}
	server, err := api.NewStartingServer(pages, startup)
	if err != nil {
		return nil, err
	}
	l, err := listenOn(ctx, address)
	if err != nil {
		return nil, err
	}
	d := &Door{startup: startup, listener: l, pass: &passingListener{Listener: l}, server: server, ended: make(chan error, 1)}
	go func() { d.ended <- server.Listen(d.pass) }()
	return d, nil
}

// URL is where it answers.
func (d *Door) URL() string { return "http://" + d.listener.Addr().String() }

// finish says that the start is over.
func (d *Door) finish() {
	if d != nil {
		d.startup.End(partProcessors)
	}
}

// start is what the api says of the start; nil = nothing.
func (d *Door) start() api.Start {
	if d == nil {
		return nil
	}
	return d.startup
}

// handOver ends the door; who connects from now on waits for whoever takes the listener.
func (d *Door) handOver(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), doorDrain)
	defer cancel()
	if err := errors.Join(d.server.Shutdown(ctx), closeListener(d.pass), <-d.ended); err != nil {
		return err
	}
	return d.pass.giveBack()
}

// Close ends it when nobody took the listener.
func (d *Door) Close() { _ = d.listener.Close() }

// passingListener is a listener that another one goes on with: to close it only ends waiting for connections.
type passingListener struct {
	net.Listener
	over atomic.Bool
}

type deadlineSetter interface{ SetDeadline(time.Time) error }

func (l *passingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil && l.over.Load() && errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, net.ErrClosed
	}
	return c, err
}

// Close is net.Listener's.
func (l *passingListener) Close() error {
	l.over.Store(true)
	return l.setDeadline(time.Unix(1, 0))
}

func (l *passingListener) giveBack() error { return l.setDeadline(time.Time{}) }

func (l *passingListener) setDeadline(t time.Time) error {
	d, ok := l.Listener.(deadlineSetter)
	if !ok {
		return fmt.Errorf("hand the listener over: %T has no deadline", l.Listener)
	}
	if err := d.SetDeadline(t); err != nil {
		return fmt.Errorf("hand the listener over: %w", err)
	}
	return nil
}
