package providertest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// keepBytes is how much of an answer the tap remembers.
const keepBytes = 1 << 20

// errTooManyCalls ends a provider that does not stop calling.
var errTooManyCalls = errors.New("the suite's bound on calls is reached")

// tap is the transport below the chain: it remembers every call, and may answer in the simulator's place.
type tap struct {
	base  http.RoundTripper
	most  int                                                          // calls; more are refused
	began func(n int, x *exchange)                                     // told of the n-th call before it is sent; may be nil
	stand func(x *exchange, seen []*exchange) (*http.Response, []byte) // answers in place of base, nil = it does not; may be nil

	mu   sync.Mutex
	seen []*exchange
}

// exchange is one call. Answer and status are complete when the caller is done with the body.
type exchange struct {
	task   string
	at     time.Time
	method string
	host   string
	path   string
	query  string
	header http.Header
	body   []byte

	mu     sync.Mutex
	status int
	reply  http.Header
	answer bytes.Buffer
	ended  time.Time
}

// place is what the call asked, without its query.
func (x *exchange) place() call { return call{x.method, x.host, x.path} }

// call names an endpoint.
type call struct{ method, host, path string }

func (c call) String() string { return c.method + " " + c.host + c.path }

func (x *exchange) received() (status int, reply http.Header, body []byte) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.status, x.reply, bytes.Clone(x.answer.Bytes())
}

type taskKey struct{}

// RoundTrip implements http.RoundTripper.
func (t *tap) RoundTrip(req *http.Request) (*http.Response, error) {
	x, before, err := t.note(req)
	if err != nil {
		return nil, err
	}
	if t.began != nil {
		t.began(len(before)+1, x)
	}
	if t.stand != nil {
		if resp, body := t.stand(x, before); resp != nil {
			resp.Request, resp.Body = req, io.NopCloser(bytes.NewReader(body))
			return t.listen(x, resp), nil
		}
	}
	if x.body != nil {
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(bytes.NewReader(x.body))
	}
	resp, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	return t.listen(x, resp), nil
}

// note adds the call to those seen and returns it with those before it.
func (t *tap) note(req *http.Request) (x *exchange, before []*exchange, err error) {
	x = &exchange{
		at: time.Now(), method: req.Method, host: req.URL.Hostname(), path: req.URL.Path, query: req.URL.RawQuery,
		header: req.Header.Clone(),
	}
	x.task, _ = req.Context().Value(taskKey{}).(string)
	if req.Body != nil && req.Body != http.NoBody {
		defer func() { _ = req.Body.Close() }()
		if x.body, err = io.ReadAll(req.Body); err != nil {
			return nil, nil, err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	before = slices.Clip(t.seen)
	if t.most > 0 && len(before) >= t.most {
		return nil, nil, errTooManyCalls
	}
	t.seen = append(t.seen, x)
	return x, before, nil
}

func (t *tap) listen(x *exchange, resp *http.Response) *http.Response {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.status, x.reply, x.ended = resp.StatusCode, resp.Header.Clone(), time.Now()
	resp.Body = &heard{ReadCloser: resp.Body, x: x}
	return resp
}

// heard remembers what is read of a body.
type heard struct {
	io.ReadCloser
	x *exchange
}

func (h *heard) Read(p []byte) (int, error) {
	n, err := h.ReadCloser.Read(p)
	h.x.mu.Lock()
	defer h.x.mu.Unlock()
	if room := keepBytes - h.x.answer.Len(); room > 0 {
		h.x.answer.Write(p[:min(n, room)])
	}
	return n, err
}

// exchanges returns the calls made so far, in the order in which they began.
func (t *tap) exchanges() []*exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.seen)
}

// count returns how many calls were made to c.
func (t *tap) count(c call) int {
	n := 0
	for _, x := range t.exchanges() {
		if x.place() == c {
			n++
		}
	}
	return n
}

// under names the task that the calls of ctx are made for.
func under(ctx context.Context, task string) context.Context {
	return context.WithValue(ctx, taskKey{}, task)
}
