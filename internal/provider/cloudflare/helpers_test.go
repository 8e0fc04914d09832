package cloudflare_test

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/cloudflare"
	cloudflaresim "github.com/adsops/cloudtop/internal/provider/cloudflare/sim"
	"github.com/adsops/cloudtop/internal/sim"
	"github.com/adsops/cloudtop/pkg/retry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "SIMULATED0token0for0cloudtop0demo0only00"

// config is a token's configuration that never waits.
func config(transport http.RoundTripper) *provider.ProviderConfig {
	return &provider.ProviderConfig{
		Credential: provider.Credential{Method: "api_key", Source: "test", Values: map[string]string{"api_key": token}},
		Retry:      retry.Policy{Max: 1, First: time.Nanosecond, Cap: time.Nanosecond, Factor: 1}, Transport: transport,
	}
}

func open(t *testing.T, c *provider.ProviderConfig) *provider.Conn {
	t.Helper()
	conn := provider.NewConn(cloudflare.Spec())
	if err := conn.Initialize(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return conn
}

// simulated returns a connection to a simulated world.
func simulated(t *testing.T, o sim.Options) (*provider.Conn, *sim.Universe) {
	t.Helper()
	w := sim.NewWorld(o)
	u := sim.NewUniverse(w, cloudflaresim.New(w))
	c := config(u.Transport())
	c.Now = w.Now
	return open(t, c), u
}

// server answers calls from a table of paths below /client/v4, and remembers them.
type server struct {
	answers map[string]string // by "path" or "path?query"
	status  map[string]int    // the same; 0 = 200
	graph   func(query string) (status int, answer string)

	mu      sync.Mutex
	seen    []string // "path?query"
	asked   []string // queries of GraphQL
	headers []http.Header
}

// RoundTrip implements http.RoundTripper.
func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	path := strings.TrimPrefix(r.URL.Path, "/client/v4")
	status, answer := http.StatusNotFound, ""
	s.mu.Lock()
	defer s.mu.Unlock()
	s.headers = append(s.headers, r.Header)
	if path == "/graphql" {
		var body struct{ Query string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			return nil, err
		}
		s.asked = append(s.asked, body.Query)
		if s.graph != nil {
			status, answer = s.graph(body.Query)
		}
	} else {
		s.seen = append(s.seen, path+"?"+r.URL.RawQuery)
	}
	for _, k := range []string{path + "?" + r.URL.RawQuery, path} {
		if a, ok := s.answers[k]; ok {
			status, answer = cmp.Or(s.status[k], http.StatusOK), a
			break
		}
	}
	w := httptest.NewRecorder()
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
	return w.Result(), nil
}

// queries returns the GraphQL queries that were sent.
func (s *server) queries() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// envelope is a successful answer of the REST API.
func envelope(result string) string {
	return `{"success":true,"errors":[],"messages":[],"result":` + result + `}`
}

func refusal(code, message string) string {
	return `{"success":false,"errors":[{"code":` + code + `,"message":"` + message + `"}],"messages":[],"result":null}`
}

// accountData is a GraphQL answer for one account.
func accountData(parts string) string {
	return `{"data":{"viewer":{"accounts":[{` + parts + `}]}},"errors":null}`
}

func testdata(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

const acct = "0123456789abcdef0123456789abcdef"

var now = time.Date(2026, time.November, 24, 12, 34, 56, 0, time.UTC)

// window is what the collector asks for.
func window() cloud.Window { return cloud.Window{From: now.Add(-20 * time.Minute), To: now} }

func refs(service string, ids ...string) []cloud.Ref {
	var all []cloud.Ref
	for _, id := range ids {
		all = append(all, cloud.Ref{Provider: "cloudflare", Account: acct, Service: service, ID: id})
	}
	return all
}

// metrics reads the metrics of refs: by ID and name, with the errors that came.
func metrics(ctx context.Context, conn *provider.Conn, all []cloud.Ref, w cloud.Window) (map[string]map[string]cloud.Metric, []error) {
	got := map[string]map[string]cloud.Metric{}
	var errs []error
	for s, err := range conn.Driver().(provider.MetricsReader).Metrics(ctx, all, w) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if got[s.ID] == nil {
			got[s.ID] = map[string]cloud.Metric{}
		}
		got[s.ID][s.Metric.Name] = s.Metric
	}
	return got, errs
}

func served(s *server) *provider.ProviderConfig {
	c := config(s)
	c.Now = func() time.Time { return now }
	return c
}

func list(t *testing.T, conn *provider.Conn, service string) ([]cloud.Resource, error) {
	t.Helper()
	return provider.Gather(conn.Driver().List(t.Context(), cloud.Query{
		Scope: cloud.Scope{Account: acct}, Service: service,
	}))
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// watching notes the hosts that are called.
type watching struct {
	http.RoundTripper
	hosts map[string]bool
}

// RoundTrip implements http.RoundTripper. Its server's lock orders the notes.
func (w watching) RoundTrip(r *http.Request) (*http.Response, error) {
	s, ok := w.RoundTripper.(*server)
	if ok {
		s.mu.Lock()
		w.hosts[r.URL.Hostname()] = true
		s.mu.Unlock()
	}
	return w.RoundTripper.RoundTrip(r)
}
