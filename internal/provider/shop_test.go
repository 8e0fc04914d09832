package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/retry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "shop-secret-1234"

// shop is a small cloud behind real TLS: two accounts in two regions, machines by region, buckets by account.
type shop struct {
	*httptest.Server
	mu    sync.Mutex
	calls []string
	fail  map[string]int // status by path and query
}

func openShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{fail: map[string]int{}}
	s.Server = httptest.NewTLSServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q, _ := url.QueryUnescape(r.URL.RequestURI())
	s.mu.Lock()
	s.calls = append(s.calls, q)
	status := s.fail[q]
	s.mu.Unlock()
	switch {
	case r.Header.Get("Authorization") != secret:
		http.Error(w, "the key "+r.Header.Get("Authorization")+" is wrong", http.StatusUnauthorized)
	case status > 0:
		http.Error(w, "no", status)
	default:
		_ = json.NewEncoder(w).Encode(stock()[q])
	}
}

// stock is what each call answers.
func stock() map[string]any {
	machine := func(id, region, status string, gpus float64) cloud.Resource {
		r := cloud.Resource{
			Provider: "shop", Account: "a1", Region: region, Service: "machines", Type: "machine", ID: id, Status: cloud.Status(status),
			Metrics: []cloud.Metric{{Name: cloud.CPUUsagePercent, Value: 1}},
		}
		if gpus > 0 {
			r.GPU = &cloud.GPU{Type: "H100 SXM", Count: gpus}
		}
		return r
	}
	now := time.Unix(1000, 0)
	return map[string]any{
		"/me":                                "a1",
		"/scopes":                            []cloud.Scope{{Account: "a1", Region: "eu"}, {Account: "a1", Region: "us"}},
		"/list?service=machines&region=eu":   []cloud.Resource{machine("m1", "eu", "running", 0), machine("m2", "eu", "stopped", 8)},
		"/list?service=machines&region=us":   []cloud.Resource{machine("m3", "us", "running", 2)},
		"/list?service=buckets&region=":      []cloud.Resource{{Provider: "shop", Account: "a1", Service: "buckets", Type: "bucket", ID: "b1"}},
		"/metrics?service=machines&ids=m3":   []cloud.Sample{{ID: "m3", Metric: cloud.Metric{Name: cloud.GPUUsagePercent, Value: 90, At: cloud.InstantOf(now)}}},
		"/metrics?service=buckets&ids=b1":    []cloud.Sample{},
		"/metrics?service=machines&ids=m1m2": []cloud.Sample{{ID: "m1", Metric: cloud.Metric{Name: cloud.GPUPowerWatts, Value: 5}}},
		"/offers":                            []cloud.Offer{{ID: "o1", GPUType: "H100"}},
	}
}

// clerk is the shop's driver: a real one, over the chain.
type clerk struct {
	api     *httpx.API
	windows *[]cloud.Window
}

func (c clerk) Check(ctx context.Context) error {
	_, err := c.api.Get(ctx, "who am I", "/me", nil, nil)
	return err
}

func (c clerk) List(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	return fetch[cloud.Resource](ctx, c, "/list?service="+q.Service+"&region="+q.Scope.Region)
}

func (c clerk) Scopes(ctx context.Context) iter.Seq2[cloud.Scope, error] {
	return fetch[cloud.Scope](ctx, c, "/scopes")
}

func (c clerk) Metrics(ctx context.Context, refs []cloud.Ref, w cloud.Window) iter.Seq2[cloud.Sample, error] {
	*c.windows = append(*c.windows, w)
	ids := ""
	for _, r := range refs {
		ids += r.ID
	}
	return fetch[cloud.Sample](ctx, c, "/metrics?service="+refs[0].Service+"&ids="+ids)
}

func (c clerk) Offers(ctx context.Context, _ cloud.OfferQuery) iter.Seq2[cloud.Offer, error] {
	return fetch[cloud.Offer](ctx, c, "/offers")
}

func fetch[T any](ctx context.Context, c clerk, path string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var all []T
		if _, err := c.api.Get(ctx, "fetch", path, nil, &all); err != nil {
			var zero T
			yield(zero, err)
			return
		}
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// spec describes the shop at its address.
func (s *shop) spec(windows *[]cloud.Window) *provider.Spec {
	return &provider.Spec{
		Name: "shop", Title: "Shop", Aliases: []string{"store"}, Hosts: []string{"127.0.0.1"},
		Services: []provider.Service{
			{Name: "machines", Aliases: []string{"vms"}, Classes: []cloud.Class{cloud.Compute, cloud.GPUs}, Regional: true, Delay: time.Hour, Step: time.Minute},
			{Name: "buckets", Classes: []cloud.Class{cloud.Storage}},
		},
		Auth: []provider.AuthMethod{{Name: "api_key", Fields: []provider.AuthField{{Name: "key", Secret: true}, {Name: "user"}}}},
		Open: func(_ context.Context, env provider.Env) (provider.Driver, error) {
			key := env.Config.Value("key")
			switch key {
			case "":
				return nil, &cloud.Error{Kind: cloud.KindAuth, Detail: "no key", Hint: "make one"}
			case "plainly-wrong":
				return nil, errors.New("cannot parse plainly-wrong")
			}
			api := env.API(s.URL, func(r *http.Request) error {
				r.Header.Set("Authorization", key)
				return nil
			})
			return clerk{api, windows}, nil
		},
	}
}

// config is a configuration with key.
func (s *shop) config(key string) *provider.ProviderConfig {
	return &provider.ProviderConfig{
		Credential: provider.Credential{Method: "api_key", Source: "SHOP_KEY", Values: map[string]string{"key": key, "user": "me"}},
		Transport:  s.Client().Transport, Now: func() time.Time { return time.Unix(100_000, 0) },
		Retry: retry.Policy{Max: 1, First: time.Millisecond, Cap: time.Millisecond},
	}
}

// open returns a connection to the shop, changed by set.
func (s *shop) open(t *testing.T, set func(*provider.ProviderConfig)) (*provider.Conn, *[]cloud.Window) {
	t.Helper()
	windows := new([]cloud.Window)
	conn := provider.NewConn(s.spec(windows))
	cfg := s.config(secret)
	if set != nil {
		set(cfg)
	}
	if err := conn.Initialize(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn, windows
}
