package sdk

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	validation "github.com/pb33f/libopenapi-validator/errors"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/sim"
)

// TestTrafficIsAsPublished drives our client over our simulator and holds every request and every answer against the
// provider's own OpenAPI description.
func TestTrafficIsAsPublished(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		provider, file, host string
	}{
		{"neon", "neon/public-v2-for-users.gen.yaml", "console.neon.tech"},
		{"runpod", "runpod/runpod-docs.api-reference-v2.openapi.json", "api.runpod.io"},
	} {
		t.Run(c.provider, func(t *testing.T) {
			t.Parallel()
			check := newContract(t, spec(t, c.file), c.host)
			conn := simulated(t, c.provider, check)
			readAll(t, conn)
			check.report(t)
		})
	}
}

// simulated returns a connection to a provider's simulator whose traffic passes through check.
func simulated(t *testing.T, name string, check *contract) *provider.Conn {
	t.Helper()
	w := sim.NewWorld(sim.Options{Seed: 5, Counts: map[string]int{name: 40}})
	u := sim.NewUniverse(w, all.Clouds(w)...)
	check.base = u.Transport()
	specification, ok := all.Specs().Lookup(name)
	if !ok {
		t.Fatalf("no provider %q", name)
	}
	conn := provider.NewConn(specification)
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{
			Method: specification.Auth[0].Name, Source: "test", Values: u.Cloud(name).Credentials().Values,
		},
		Transport: check, Now: w.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// readAll makes every kind of call that the provider's driver can make.
func readAll(t *testing.T, conn *provider.Conn) {
	t.Helper()
	if err := conn.HealthCheck(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := conn.ListResources(t.Context(), nil)
	if err != nil || len(found) == 0 {
		t.Fatalf("%d resources, %v", len(found), err)
	}
	if _, err := conn.GetMetrics(t.Context(), &provider.MetricsRequest{Resources: found}); err != nil {
		t.Error(err)
	}
	if _, err := conn.GetGPUAvailability(t.Context()); err != nil {
		t.Error(err)
	}
	if reader, ok := conn.Driver().(provider.CostReader); ok {
		p := cloud.Period{From: sim.Epoch.AddDate(0, 0, -20), To: sim.Epoch}
		if _, err := provider.Gather(reader.Costs(t.Context(), p)); err != nil {
			t.Error(err)
		}
	}
	if reader, ok := conn.Driver().(provider.MarketReader); ok {
		if _, err := provider.Gather(reader.Markets(t.Context())); err != nil {
			t.Error(err)
		}
	}
}

// contract is an http.RoundTripper that holds what passes through it against an OpenAPI description.
type contract struct {
	base http.RoundTripper
	host string
	v    validator.Validator

	mu       sync.Mutex
	checked  map[string]int
	breaches []string
}

func newContract(t *testing.T, document []byte, host string) *contract {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON(document) // the validator renders no schema of a YAML document
	if err != nil {
		t.Fatal(err)
	}
	doc, err := libopenapi.NewDocument(asJSON)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(doc)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return &contract{host: host, v: v, checked: map[string]int{}}
}

// RoundTrip implements http.RoundTripper.
func (c *contract) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.base.RoundTrip(r)
	if err != nil || r.URL.Hostname() != c.host {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.checked[r.Method+" "+r.URL.Path]++
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if _, errs := c.v.ValidateHttpRequestResponse(r, resp); len(errs) > 0 {
		for _, e := range errs {
			c.breaches = append(c.breaches, fmt.Sprintf("%s %s: %s", r.Method, r.URL, details(e)))
		}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

func details(e *validation.ValidationError) string {
	parts := []string{e.Message, e.Reason}
	for _, s := range e.SchemaValidationErrors {
		parts = append(parts, fmt.Sprintf("%s: %s", s.FieldPath, s.Reason))
	}
	return strings.Join(parts, "; ")
}

func (c *contract) report(t *testing.T) {
	t.Helper()
	if len(c.checked) == 0 {
		t.Error("nothing was checked")
	}
	for _, b := range c.breaches {
		t.Error(b)
	}
	t.Logf("%d different calls were checked", len(c.checked))
}

// TestContractSeesABreach proves that the check can fail.
func TestContractSeesABreach(t *testing.T) {
	t.Parallel()
	check := newContract(t, spec(t, "runpod/runpod-docs.api-reference-v2.openapi.json"), "api.runpod.io")
	check.base = roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK, Request: r, Header: http.Header{"Content-Type": {"application/json"}},
			Body: io.NopCloser(strings.NewReader(`{"pods": [{"id": 7}]}`)),
		}, nil
	})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.runpod.io/v2/pods", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := check.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if len(check.breaches) == 0 {
		t.Error("an answer with a wrong type and without required fields was taken as valid")
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
