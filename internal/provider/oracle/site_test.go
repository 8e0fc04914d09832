package oracle_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/oracle"
	oraclesim "github.com/adsops/cloudtop/internal/provider/oracle/sim"
	"github.com/adsops/cloudtop/internal/sim"
	"github.com/adsops/cloudtop/pkg/retry"
)

// site is a simulated tenancy and a connection to it.
type site struct {
	*testing.T
	cloud sim.Cloud
	conn  *provider.Conn
	wire  *wire
}

// setup says what a site has other than usual.
type setup struct {
	count      int
	incidents  bool
	options    map[string]any
	regions    []string
	anyRegion  bool // the regions were asked of others too
	credential *provider.Credential
	answer     func(*http.Request) *http.Response // in place of the simulator, unless it returns nil
	now        func() time.Time                   // nil = a clock that stands still
	atOnce     int                                // calls, at most; 0 = any number
}

// clock returns the time for both sides of the wire.
func (o *setup) clock() func() time.Time {
	if o.now != nil {
		return o.now
	}
	return func() time.Time { return sim.Epoch.Add(90 * time.Second) }
}

// open makes a world that stands still and connects to it. Who reads many metrics does so in a bubble, where the limits
// cost no time.
func open(t *testing.T, o setup) *site {
	t.Helper()
	s := prepare(t, o)
	if err := s.initialize(o); err != nil {
		t.Fatal(err)
	}
	return s
}

func prepare(t *testing.T, o setup) *site {
	t.Helper()
	w := sim.NewWorld(sim.Options{
		Seed: 1, Counts: map[string]int{"oracle": o.count}, Incidents: o.incidents, Now: o.clock(),
	})
	c := oraclesim.New(w)
	return &site{T: t, cloud: c, conn: provider.NewConn(oracle.Spec()), wire: &wire{base: sim.NewUniverse(w, c).Transport(), answer: o.answer}}
}

func (s *site) initialize(o setup) error {
	credential := provider.Credential{Method: "service_account", Source: "test", Values: s.cloud.Credentials().Values}
	if o.credential != nil {
		credential = *o.credential
	}
	var transport http.RoundTripper = s.wire
	if o.atOnce > 0 {
		transport = httpx.NewSlots(o.atOnce, 1).Over(transport)
	}
	return s.conn.Initialize(s.Context(), &provider.ProviderConfig{
		Credential: credential, Options: o.options, Regions: o.regions, AnyRegion: o.anyRegion, Transport: transport,
		Now:   o.clock(),
		Retry: retry.Policy{Max: 1, First: time.Millisecond, Cap: time.Millisecond, Factor: 1},
	})
}

// wire remembers the calls that pass.
type wire struct {
	base   http.RoundTripper
	answer func(*http.Request) *http.Response

	mu   sync.Mutex
	sent []sent
}

// sent is a call: its address, and for metrics what was asked for.
type sent struct {
	host, path string
	query      url.Values
	details    struct{ Namespace, Query, StartTime, EndTime, Resolution string }
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	s := sent{host: r.URL.Host, path: r.URL.Path, query: r.URL.Query()}
	if r.Body != nil {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(data))
		_ = json.Unmarshal(data, &s.details)
	}
	w.mu.Lock()
	w.sent = append(w.sent, s)
	w.mu.Unlock()
	if w.answer != nil {
		if resp := w.answer(r); resp != nil {
			return resp, nil
		}
	}
	return w.base.RoundTrip(r)
}

// calls returns the calls to paths that end in suffix.
func (w *wire) calls(suffix string) []sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.sent), func(s sent) bool { return !strings.HasSuffix(s.path, suffix) })
}

func (w *wire) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = nil
}

// response is an answer of the provider's.
func response(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Request: r, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
}

// hidden is Oracle's answer about what may not be seen.
func hidden(r *http.Request) *http.Response {
	return response(r, http.StatusNotFound,
		`{"code":"NotAuthorizedOrNotFound","message":"Authorization failed or requested resource not found."}`)
}

// scopes returns the scopes and what is said to be missing.
func (s *site) scopes() ([]cloud.Scope, []*cloud.Error) {
	s.Helper()
	var found []cloud.Scope
	var missing []*cloud.Error
	for scope, err := range s.conn.Scopes(s.Context()) {
		if err == nil {
			found = append(found, scope)
			continue
		}
		e, ok := err.(*cloud.Error) //nolint:errorlint // as the sequence has it
		if !ok {
			s.Fatalf("%v is no *cloud.Error", err)
		}
		missing = append(missing, e)
	}
	return found, missing
}

// list returns the resources of a service, all of them.
func (s *site) list(service string) []cloud.Resource {
	s.Helper()
	all, err := s.conn.ListResources(s.Context(), &provider.ResourceFilter{Services: []string{service}})
	if err != nil {
		s.Fatal(err)
	}
	return all
}

// measure reads the metrics of the resources of one region that are there to be measured.
func (s *site) measure(service, region string) (map[string]map[string]cloud.Metric, []error) {
	s.Helper()
	var refs []cloud.Ref
	for _, r := range s.list(service) {
		if r.Region == region && r.Status != cloud.StatusStopped {
			refs = append(refs, r.Ref())
		}
	}
	s.wire.forget()
	return s.measureRefs(refs)
}

func (s *site) measureRefs(refs []cloud.Ref) (map[string]map[string]cloud.Metric, []error) {
	s.Helper()
	to := sim.Epoch.Add(90 * time.Second)
	reader, ok := s.conn.Driver().(provider.MetricsReader)
	if !ok {
		s.Fatal("the driver reads no metrics")
	}
	found := map[string]map[string]cloud.Metric{}
	var errs []error
	for sample, err := range reader.Metrics(s.Context(), refs, cloud.Window{From: to.Add(-5 * time.Minute), To: to}) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if found[sample.ID] == nil {
			found[sample.ID] = map[string]cloud.Metric{}
		}
		found[sample.ID][sample.Metric.Name] = sample.Metric
	}
	return found, errs
}
