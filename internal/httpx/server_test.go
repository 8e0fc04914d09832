package httpx_test

import (
	"cmp"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/pkg/retry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const host = "example.com"

// server is a provider behind real TLS. Whatever host is called, it answers.
type server struct {
	*httptest.Server
	transport *http.Transport
	dials     atomic.Int32

	mu   sync.Mutex
	seen []arrival
}

// arrival is a request as the server saw it.
type arrival struct {
	at     time.Time
	host   string
	method string
	path   string
	auth   string
	agent  string
}

type options struct{ h1 bool }

// serve starts a server that answers with handle; n counts the requests from 1.
func serve(t testing.TB, o options, handle func(w http.ResponseWriter, r *http.Request, n int)) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.seen = append(s.seen, arrival{
			time.Now(), r.Host, r.Method, r.URL.Path, r.Header.Get("Authorization"), r.UserAgent(),
		})
		n := len(s.seen)
		s.mu.Unlock()
		handle(w, r, n)
	}))
	s.EnableHTTP2 = !o.h1
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // tests break connections on purpose
	s.StartTLS()
	s.transport = s.Client().Transport.(*http.Transport).Clone()
	s.transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		s.dials.Add(1)
		return new(net.Dialer).DialContext(ctx, network, s.Listener.Addr().String())
	}
	t.Cleanup(func() {
		s.transport.CloseIdleConnections()
		s.Close()
	})
	return s
}

func (s *server) arrivals() []arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]arrival(nil), s.seen...)
}

// quick is a policy that retries twice without delay worth mentioning.
func quick() httpx.Policy {
	return httpx.Policy{
		Provider: "acme", Hosts: []string{host, "*." + host},
		Retry: retry.Policy{Max: 2, First: time.Millisecond, Cap: 10 * time.Millisecond, Factor: 2},
	}
}

// api returns a client of s with policy p and the credential "Bearer hunter2-token".
func (s *server) api(p httpx.Policy) *httpx.API {
	return &httpx.API{
		HTTP: httpx.NewClient(s.transport, p), Provider: "acme", Base: "https://" + host,
		Authorize: func(r *http.Request) error {
			r.Header.Set("Authorization", "Bearer hunter2-token")
			return nil
		},
		Secrets: []string{"hunter2-token"},
	}
}

func get(ctx context.Context, a *httpx.API) (map[string]any, error) {
	var out map[string]any
	_, err := a.Get(ctx, "get thing", "/thing", nil, &out)
	return out, err
}

func answer(w http.ResponseWriter, status int, body string) {
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func wantKind(t *testing.T, err error, want cloud.Kind) *cloud.Error {
	t.Helper()
	e, ok := err.(*cloud.Error) //nolint:errorlint // the API promises the type itself
	if !ok || e.Kind != want {
		t.Fatalf("got error %v of kind %q, want a *cloud.Error of kind %q", err, cloud.KindOf(err), want)
	}
	return cmp.Or(e, &cloud.Error{})
}
