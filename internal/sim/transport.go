package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// errReset is what a client sees of a connection that the server broke.
var errReset = errors.New("connection reset by peer (simulated)")

// Transport returns the universe as an http.RoundTripper: calls are answered in this process, and no other host
// exists. Bodies stream; a reader that goes away ends its handler.
func (u *Universe) Transport() http.RoundTripper { return transport{u} }

type transport struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }()
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	in := req.Clone(ctx)
	in.RequestURI = req.URL.RequestURI()
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	in.RemoteAddr = "127.0.0.1:0"
	w := newPipeWriter(req, cancel)
	go w.serve(ctx, t.handler, in)
	select {
	case <-w.started:
		return w.response, w.failed
	case <-req.Context().Done():
		cancel(context.Cause(req.Context()))
		return nil, context.Cause(req.Context())
	}
}

// pipeWriter is the server's end of an in-process exchange.
type pipeWriter struct {
	header   http.Header
	response *http.Response
	failed   error
	started  chan struct{}
	once     sync.Once
	body     *io.PipeWriter
}

func newPipeWriter(req *http.Request, cancel context.CancelCauseFunc) *pipeWriter {
	r, w := io.Pipe()
	resp := &http.Response{
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req, ContentLength: -1,
		Body: &pipeBody{PipeReader: r, cancel: cancel},
	}
	return &pipeWriter{header: http.Header{}, response: resp, started: make(chan struct{}), body: w}
}

func (w *pipeWriter) serve(ctx context.Context, h http.Handler, r *http.Request) {
	stop := context.AfterFunc(ctx, func() { _ = w.body.CloseWithError(context.Cause(ctx)) })
	defer stop()
	defer func() {
		p := recover()
		if p == nil {
			w.WriteHeader(http.StatusOK)
			_ = w.body.CloseWithError(context.Cause(ctx)) // nil where the context lives: the end
			return
		}
		cause := errReset
		if p != http.ErrAbortHandler { //nolint:errorlint // a handler panics with the value itself
			cause = fmt.Errorf("the simulator panicked: %v", p)
		}
		w.once.Do(func() {
			w.failed, w.response = cause, nil
			close(w.started)
		})
		_ = w.body.CloseWithError(io.ErrUnexpectedEOF)
	}()
	h.ServeHTTP(w, r)
}

// Header implements http.ResponseWriter.
func (w *pipeWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *pipeWriter) WriteHeader(status int) {
	w.once.Do(func() {
		w.response.StatusCode = status
		w.response.Status = strconv.Itoa(status) + " " + http.StatusText(status)
		w.response.Header = w.header.Clone()
		close(w.started)
	})
}

// Write implements http.ResponseWriter.
func (w *pipeWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// Flush implements http.Flusher: nothing is held back.
func (w *pipeWriter) Flush() {}

// pipeBody ends the handler when the client is done with the body.
type pipeBody struct {
	*io.PipeReader
	cancel context.CancelCauseFunc
}

// Close implements io.Closer.
func (b *pipeBody) Close() error {
	err := b.PipeReader.Close()
	b.cancel(context.Canceled)
	return err
}
