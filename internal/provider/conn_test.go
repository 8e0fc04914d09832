package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

func ids(all []cloud.Resource) string {
	var out []string
	for _, r := range all {
		out = append(out, r.ID)
	}
	return strings.Join(out, " ")
}

func TestAConnectionListsWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	all := &provider.ResourceFilter{}
	for name, c := range map[string]struct {
		set    func(*provider.ProviderConfig)
		filter *provider.ResourceFilter
		want   string
		calls  int
	}{
		"everything":             {nil, nil, "m1 m2 m3 b1", 4},
		"everything, explicitly": {nil, all, "m1 m2 m3 b1", 4},
		"a service":              {nil, &provider.ResourceFilter{Services: []string{"buckets"}}, "b1", 2},
		"an alias":               {nil, &provider.ResourceFilter{Services: []string{"vms"}}, "m1 m2 m3", 3},
		"a class":                {nil, &provider.ResourceFilter{Services: []string{"gpu"}}, "m1 m2 m3", 3},
		"nothing known":          {nil, &provider.ResourceFilter{Services: []string{"cats"}}, "", 1},
		"a region":               {nil, &provider.ResourceFilter{Regions: []string{"us"}}, "m3", 3},
		"a status":               {nil, &provider.ResourceFilter{Statuses: []cloud.Status{cloud.StatusStopped}}, "m2", 4},
		"configured services":    {func(p *provider.ProviderConfig) { p.Services = []string{"storage"} }, all, "b1", 2},
		"configured regions":     {func(p *provider.ProviderConfig) { p.Regions = []string{"eu"} }, all, "m1 m2 b1", 3},
		"none of the configured": {
			func(p *provider.ProviderConfig) { p.Services = []string{"storage"} }, &provider.ResourceFilter{Services: []string{"vms"}}, "", 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			conn, _ := s.open(t, c.set)
			got, err := conn.ListResources(t.Context(), c.filter)
			if err != nil || ids(got) != c.want || len(s.calls) != c.calls {
				t.Errorf("got %q, %v in %d calls, want %q in %d", ids(got), err, len(s.calls), c.want, c.calls)
			}
		})
	}
}

func TestAConnectionKeepsWhatItCouldRead(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.fail["/list?service=machines&region=eu"] = 403
	conn, _ := s.open(t, nil)
	got, err := conn.ListResources(t.Context(), nil)
	if ids(got) != "m3 b1" || cloud.KindOf(err) != cloud.KindDenied || !strings.HasPrefix(err.Error(), "shop: fetch: HTTP 403") {
		t.Errorf("got %q, %v, want the rest and why something is missing", ids(got), err)
	}
}

func TestAConnectionReadsMetrics(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	conn, windows := s.open(t, nil)
	all, err := conn.ListResources(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := conn.GetMetrics(t.Context(), &provider.MetricsRequest{Resources: all})
	if err != nil || len(got.Metrics) != 4 || len(got.Metrics["m1"]) != 2 || len(got.Metrics["m3"]) != 2 || len(got.Metrics["b1"]) != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	if len(all[0].Metrics) != 1 {
		t.Errorf("the resource itself was changed: %v", all[0].Metrics)
	}
	now := time.Unix(100_000, 0)
	late, usual := cloud.Window{From: now.Add(-63 * time.Minute), To: now}, cloud.Window{From: now.Add(-10 * time.Minute), To: now}
	if want := []cloud.Window{late, late, usual}; !slices.Equal(*windows, want) {
		t.Errorf("got windows %v, want %v", *windows, want)
	}
	asked := cloud.Window{From: time.Unix(1, 0), To: time.Unix(2, 0)}
	*windows = nil
	_, err = conn.GetMetrics(t.Context(), &provider.MetricsRequest{Resources: all[:1], Window: asked})
	if err != nil || !slices.Equal(*windows, []cloud.Window{asked}) {
		t.Errorf("got %v, windows %v, want the window that was asked for", err, *windows)
	}
}

func TestAConnectionKnowsItsGPUs(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	conn, _ := s.open(t, nil)
	for _, c := range []struct {
		filter *provider.GPUFilter
		want   string
	}{
		{nil, "m2 m3"},
		{&provider.GPUFilter{GPUType: "h100"}, "m2 m3"},
		{&provider.GPUFilter{GPUType: "A100"}, ""},
		{&provider.GPUFilter{MinCount: 4}, "m2"},
		{&provider.GPUFilter{Statuses: []cloud.Status{cloud.StatusRunning}}, "m3"},
	} {
		if got, err := conn.ListGPUInstances(t.Context(), c.filter); err != nil || ids(got) != c.want {
			t.Errorf("%+v: got %q, %v, want %q", c.filter, ids(got), err, c.want)
		}
	}
	m, err := conn.GetGPUMetrics(t.Context(), "m3")
	if err != nil || m.UsagePercent == nil || *m.UsagePercent != 90 || m.PowerWatts != nil || !m.At.Equal(time.Unix(1000, 0)) {
		t.Errorf("got %+v, %v, want what was measured and nothing else", m, err)
	}
	if _, err := conn.GetGPUMetrics(t.Context(), "m1"); cloud.KindOf(err) != cloud.KindNotFound {
		t.Errorf("got %v for what has no GPU", err)
	}
	if offers, err := conn.GetGPUAvailability(t.Context()); err != nil || len(offers) != 1 {
		t.Errorf("got %v, %v", offers, err)
	}
}

func TestACheckIsOneCall(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	conn, _ := s.open(t, nil)
	if err := conn.HealthCheck(t.Context()); err != nil || len(s.calls) != 1 {
		t.Errorf("got %v in %d calls", err, len(s.calls))
	}
	wrong, _ := s.open(t, func(p *provider.ProviderConfig) { p.Credential.Values = map[string]string{"key": "wrong-key-5678"} })
	err := wrong.HealthCheck(t.Context())
	if cloud.KindOf(err) != cloud.KindAuth || strings.Contains(fmt.Sprintf("%+v", err), "5678") || len(s.calls) != 2 {
		t.Errorf("got %v in %d calls, want kind auth without the key, in one", err, len(s.calls)-1)
	}
}

func TestOpeningMakesNoCallAndSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for _, c := range []struct{ key, want string }{
		{"", "shop: open: no key"}, {"plainly-wrong", "shop: open: cannot parse [redacted]"},
	} {
		conn := provider.NewConn(s.spec(nil))
		err := conn.Initialize(t.Context(), s.config(c.key))
		if err == nil || err.Error() != c.want || cloud.KindOf(err) != cloud.KindAuth || conn.Driver() != nil {
			t.Errorf("key %q: got %v, driver %v, want %q", c.key, err, conn.Driver(), c.want)
		}
	}
	conn, _ := s.open(t, nil)
	if len(s.calls) != 0 || conn.Config().Log == nil || conn.Config().Name != "shop" || conn.Spec().Title != "Shop" {
		t.Errorf("%d calls, configuration %v", len(s.calls), conn.Config())
	}
}

func TestAClosedConnectionSaysSo(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	closed, _ := s.open(t, nil)
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for name, conn := range map[string]*provider.Conn{"never opened": provider.NewConn(s.spec(nil)), "closed": closed} {
		_, list := conn.ListResources(t.Context(), nil)
		_, metrics := conn.GetMetrics(t.Context(), &provider.MetricsRequest{})
		_, offers := conn.GetGPUAvailability(t.Context())
		for i, err := range []error{conn.HealthCheck(t.Context()), list, metrics, offers} {
			if cloud.KindOf(err) != cloud.KindConfig {
				t.Errorf("%s, %d: got %v, want kind config", name, i, err)
			}
		}
	}
}

func TestADriverWithoutCapabilitiesHasNone(t *testing.T) {
	t.Parallel()
	conn := provider.NewConn(&provider.Spec{Name: "idle", Open: func(context.Context, provider.Env) (provider.Driver, error) { return idle{}, nil }})
	if err := conn.Initialize(t.Context(), &provider.ProviderConfig{}); err != nil {
		t.Fatal(err)
	}
	scopes, err := provider.Gather(conn.Scopes(t.Context()))
	if err != nil || !slices.Equal(scopes, []cloud.Scope{{Account: "idle"}}) {
		t.Errorf("got scopes %v, %v, want one named after the provider", scopes, err)
	}
	if offers, err := conn.GetGPUAvailability(t.Context()); offers != nil || err != nil {
		t.Errorf("got offers %v, %v", offers, err)
	}
	m, err := conn.GetMetrics(t.Context(), &provider.MetricsRequest{Resources: []cloud.Resource{{ID: "x"}}})
	if err != nil || len(m.Metrics["x"]) != 0 {
		t.Errorf("got metrics %v, %v", m, err)
	}
}

func TestTheUsersLimitTakesThePlaceOfThePublished(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	conn, _ := s.open(t, func(p *provider.ProviderConfig) {
		p.RateLimit = &provider.RateLimit{PerSecond: 0.001, Burst: 2, Timeout: time.Millisecond}
	})
	var kinds []cloud.Kind
	for range 3 {
		kinds = append(kinds, cloud.KindOf(conn.HealthCheck(t.Context())))
	}
	if want := []cloud.Kind{"", "", cloud.KindThrottled}; !slices.Equal(kinds, want) {
		t.Errorf("got %q, want %q", kinds, want)
	}
}

// parts yields values and errors in turn.
func parts(all ...any) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for _, a := range all {
			n, _ := a.(int)
			err, _ := a.(error)
			if !yield(n, err) {
				return
			}
		}
	}
}

func TestGatherKeepsWhatComesBeforeTheEnd(t *testing.T) {
	t.Parallel()
	partial, denied := cloud.Partial("x", "half"), &cloud.Error{Kind: cloud.KindDenied}
	for _, c := range []struct {
		seq  iter.Seq2[int, error]
		want []int
		errs []error
	}{
		{parts(), nil, nil},
		{parts(1, 2), []int{1, 2}, nil},
		{parts(1, denied, 2), []int{1}, []error{denied}},
		{parts(1, partial, 2), []int{1, 2}, []error{partial}},
		{parts(partial, 1, denied, 2), []int{1}, []error{partial, denied}},
	} {
		got, err := provider.Gather(c.seq)
		if !slices.Equal(got, c.want) || (err == nil) != (c.errs == nil) {
			t.Errorf("got %v, %v, want %v, %v", got, err, c.want, c.errs)
		}
		for _, want := range c.errs {
			if !errors.Is(err, want) {
				t.Errorf("%v is not in %v", want, err)
			}
		}
	}
}

func TestUnitsAreListedOnce(t *testing.T) {
	t.Parallel()
	scopes := []cloud.Scope{
		{Account: "a", Region: "eu", Compartment: "c1"}, {Account: "a", Region: "us", Compartment: "c1"}, {Account: "b", Region: "eu"},
	}
	got := provider.Units(scopes, []provider.Service{{Name: "vm", Regional: true}, {Name: "dns"}})
	want := []cloud.Query{
		{Scope: scopes[0], Service: "vm"}, {Scope: scopes[1], Service: "vm"}, {Scope: scopes[2], Service: "vm"},
		{Scope: cloud.Scope{Account: "a", Compartment: "c1"}, Service: "dns"}, {Scope: cloud.Scope{Account: "b"}, Service: "dns"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestARegistryFindsByNameAndAlias(t *testing.T) {
	t.Parallel()
	r := provider.Registry{{Name: "runpod", Aliases: []string{"io"}}, {Name: "vastai", Aliases: []string{"vast"}}}
	for name, want := range map[string]string{"vast": "vastai", "VastAI": "vastai", "IO": "runpod", "": "", "vas": ""} {
		if s, ok := r.Lookup(name); ok != (want != "") || ok && s.Name != want {
			t.Errorf("Lookup(%q) = %+v, %v, want %q", name, s, ok, want)
		}
	}
	if got := r.Names(); !slices.Equal(got, []string{"runpod", "vastai"}) {
		t.Errorf("Names() = %v", got)
	}
}

func TestNoWayToPrintACredentialShowsIt(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	conn, _ := s.open(t, nil)
	c := conn.Config().Credential
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "credential", c, "pointer", &c, "config", conn.Config())
	asJSON, err := json.Marshal(map[string]any{"c": c})
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{logged.String(), string(asJSON)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		texts = append(texts, fmt.Sprintf(verb, c), fmt.Sprintf(verb, &c), fmt.Sprintf(verb, conn.Config()), fmt.Sprintf(verb, *conn.Config()))
	}
	for _, text := range texts {
		if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
			t.Errorf("shows the secret: %s", text)
		}
	}
	if want := "api_key from SHOP_KEY"; c.String() != want || !strings.Contains(string(asJSON), want) {
		t.Errorf("got %q and %s, want %q", c, asJSON, want)
	}
}

func TestOptionsAreText(t *testing.T) {
	t.Parallel()
	c := provider.ProviderConfig{Options: map[string]any{"account_id": "x", "deep": true}}
	if c.Option("account_id") != "x" || c.Option("deep") != "" || c.Option("nothing") != "" {
		t.Errorf("got %q, %q, %q", c.Option("account_id"), c.Option("deep"), c.Option("nothing"))
	}
}
