package providertest

import (
	"context"
	"errors"
	"io"
	"iter"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

// acmeSpec is a sound provider, or one that has a defect.
func acmeSpec(defect string) *provider.Spec {
	s := &provider.Spec{
		Name: "acme", Title: "Acme", Aliases: []string{"ac"}, Hosts: []string{"*.acme.example"},
		Queries: []httpx.Pattern{{Method: http.MethodPost, Host: acmeMeter, Path: "/v1/query"}},
		Limits:  []httpx.Limit{{Name: "all", Events: 20, Per: time.Second, Source: "made up"}},
		Services: []provider.Service{
			{
				Name: "machines", Title: "Machines", Classes: []cloud.Class{cloud.GPUs, cloud.Compute}, Regional: true,
				Permission: "read", Metrics: []string{cloud.CPUUsagePercent},
			},
			{Name: "disks", Title: "Disks", Classes: []cloud.Class{cloud.Storage}, Permission: "read"},
		},
		Auth: []provider.AuthMethod{{
			Name: "api_key", Help: "ask", Files: []string{"~/.acme/key"},
			Fields: []provider.AuthField{{Name: "key", Env: []string{"ACME_KEY"}, Secret: true}},
			Parse: func(data []byte, _ func(string) string) (map[string]string, error) {
				_, key, _ := strings.Cut(strings.TrimSpace(string(data)), " = ")
				return map[string]string{"key": key}, nil
			},
		}},
		Permissions: "read", Docs: []string{"https://acme.example/docs"},
		Classify: func(status int, _ http.Header, body []byte) httpx.Fault {
			f := httpx.Fault{}
			if status == http.StatusUnauthorized && defect != "gives no hint" {
				f.Hint = "make a new key"
				if strings.Contains(string(body), "clock") && defect != "does not name the clock" {
					f.Hint = "set this machine's clock"
				}
			}
			if defect == "calls what is denied unavailable" && status == http.StatusForbidden {
				f.Kind = cloud.KindUnavailable
			}
			return f
		},
		Open: func(ctx context.Context, env provider.Env) (provider.Driver, error) {
			return openAcme(ctx, env, defect)
		},
	}
	switch defect {
	case "keeps no limit":
		s.Limits = nil
	case "has a limit for nothing":
		s.Limits = append(s.Limits, httpx.Limit{Name: "x", Match: httpx.Pattern{Path: "/x"}, Events: 1, Per: 1, Source: "x"})
	case "declares a metric that it has not":
		s.Services[0].Metrics = append(s.Services[0].Metrics, cloud.LoadAverage)
	case "has a metric that it does not declare":
		s.Services[0].Metrics = []string{cloud.LoadAverage}
	case "has a service without resources":
		s.Services = append(s.Services, provider.Service{Name: "cats", Title: "Cats", Permission: "r", Classes: []cloud.Class{cloud.AI}})
	case "has no titles":
		s.Services[1].Title = ""
	case "has an alias twice":
		s.Services[1].Aliases = []string{"machines"}
	case "may log in as the machine":
		s.Queries = append(s.Queries, httpx.Pattern{Method: http.MethodPost, Path: "/v1/identity"})
	case "has GPUs that --gpu does not find":
		s.Services[0].Classes = []cloud.Class{cloud.Compute}
	}
	return s
}

// acme is the driver.
type acme struct {
	defect string
	env    provider.Env
	api    *httpx.API
	meter  *httpx.API
}

func openAcme(ctx context.Context, env provider.Env, defect string) (provider.Driver, error) {
	key := env.Config.Value("key")
	if key == "" {
		return nil, &cloud.Error{Kind: cloud.KindAuth, Detail: "no key", Hint: "make one"}
	}
	sign := func(r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("X-Date", env.Now().UTC().Format(http.TimeFormat))
		return nil
	}
	switch defect {
	case "follows redirects":
		env.HTTP = &http.Client{Transport: env.Config.Transport}
	case "passes by the chain":
		env.HTTP = &http.Client{Transport: env.Config.Transport}
	case "logs the secret":
		env.Log.DebugContext(ctx, "opened", "with", key)
	}
	d := &acme{defect: defect, env: env, api: env.API("https://"+acmeAPI, sign), meter: env.API("https://"+acmeMeter, sign)}
	switch defect {
	case "shows the secret in errors":
		d.api.Secrets = nil
		d.api.Provider = "acme: with key " + key
	case "calls while it opens":
		_ = d.Check(ctx)
	case "takes its name from nowhere":
		d.api.Provider = ""
	}
	return d, nil
}

// Check implements provider.Driver.
func (d *acme) Check(ctx context.Context) error {
	_, err := d.me(ctx)
	switch {
	case d.defect == "writes":
		d.raw(ctx, http.MethodPost, acmeAPI)
	case d.defect == "calls a foreign host":
		d.raw(ctx, http.MethodGet, "evil.example")
	case d.defect == "retries auth" && cloud.KindOf(err) == cloud.KindAuth:
		_, err = d.me(ctx)
	}
	return err
}

// raw sends a call past the chain.
func (d *acme) raw(ctx context.Context, method, host string) {
	req, _ := http.NewRequestWithContext(ctx, method, "https://"+host+"/v1/x", nil)
	if resp, err := d.env.Config.Transport.RoundTrip(req); err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}

type acmeMe struct {
	Account string
	Balance float64
}

func (d *acme) me(ctx context.Context) (me acmeMe, err error) {
	_, err = d.api.Get(ctx, "who am I", "/v1/me", nil, &me)
	if err == nil && me.Account == "" {
		err = &cloud.Error{Kind: cloud.KindResponse, Op: "acme: who am I", Detail: "no account"}
	}
	return me, err
}

// Scopes implements provider.Scoper.
func (d *acme) Scopes(ctx context.Context) iter.Seq2[cloud.Scope, error] {
	return func(yield func(cloud.Scope, error) bool) {
		me, err := d.me(ctx)
		if err != nil {
			yield(cloud.Scope{}, err)
			return
		}
		if d.defect == "makes up an account" {
			me.Account = "default"
		}
		for _, region := range []string{"eu-1", "us-1"} {
			if !yield(cloud.Scope{Account: me.Account, Region: region}, nil) {
				return
			}
		}
	}
}

type acmePage struct {
	Items *[]acmeMachine
	Next  string
}

// List implements provider.Driver.
func (d *acme) List(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		switch d.defect {
		case "ignores its context":
			ctx = context.WithoutCancel(ctx)
		case "cannot list machines without disks":
			if _, err := d.api.Get(ctx, "list disks", "/v1/disks", nil, nil); err != nil {
				yield(cloud.Resource{}, err)
				return
			}
		case "cannot list without its account":
			if d.env.Config.Option("account") == "" {
				yield(cloud.Resource{}, &cloud.Error{Kind: cloud.KindConfig, Op: "acme: list", Detail: "which account?"})
				return
			}
		case "leaves a goroutine":
			go func() { <-time.After(time.Minute) }()
		}
		var early []cloud.Resource
		params := url.Values{"limit": {"10"}, "region": {q.Scope.Region}}
		seen := map[string]bool{}
		for {
			var page acmePage
			_, err := d.api.Get(ctx, "list "+q.Service, "/v1/"+q.Service, params, &page)
			if err == nil && page.Items == nil {
				err = &cloud.Error{Kind: cloud.KindResponse, Op: "acme: list", Detail: "no items"}
			}
			if err != nil {
				if !d.failed(ctx, yield, err) {
					return
				}
			}
			if d.defect == "drops what came before an error" && err == nil {
				for _, m := range *page.Items {
					early = append(early, d.resource(q, &m))
				}
			} else if err == nil && !d.yield(yield, q, *page.Items) {
				return
			}
			if page.Next == "" {
				break
			}
			if d.defect == "loses the last page" {
				return
			}
			if seen[page.Next] && d.defect != "loops on a repeated cursor" {
				if d.defect != "stops in silence at a repeated cursor" {
					yield(cloud.Resource{}, &cloud.Error{Kind: cloud.KindResponse, Op: "acme: list", Detail: "the cursor comes again"})
				}
				return
			}
			seen[page.Next] = true
			params.Set("cursor", page.Next)
		}
		for _, r := range early {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// failed says what went wrong, and whether to go on as if nothing had.
func (d *acme) failed(ctx context.Context, yield func(cloud.Resource, error) bool, err error) bool {
	switch d.defect {
	case "swallows errors":
		return true
	case "is slow to stop":
		if ctx.Err() != nil {
			<-time.After(time.Second)
		}
	case "swallows broken answers":
		if cloud.KindOf(err) == cloud.KindResponse {
			return true
		}
	case "takes denied for empty":
		if cloud.KindOf(err) == cloud.KindDenied {
			return true
		}
	case "does not classify":
		err = errors.New("acme: oops")
	}
	yield(cloud.Resource{}, err)
	return false
}

func (d *acme) yield(yield func(cloud.Resource, error) bool, q cloud.Query, page []acmeMachine) bool {
	if d.defect == "lists by chance" {
		rand.Shuffle(len(page), func(i, j int) { page[i], page[j] = page[j], page[i] })
	}
	for i := range page {
		r := d.resource(q, &page[i])
		switch ok := yield(r, nil); {
		case !ok && d.defect != "goes on after its reader":
			return false
		case d.defect == "lists twice":
			yield(r, nil)
		}
	}
	return true
}

func (d *acme) resource(q cloud.Query, m *acmeMachine) cloud.Resource {
	r := cloud.Resource{
		Provider: "acme", Account: q.Scope.Account, Region: q.Scope.Region, Service: q.Service,
		Type: strings.TrimSuffix(q.Service, "s"), ID: m.ID, Name: m.Name, NativeStatus: m.State, CreatedAt: m.Created,
		Status: cloud.StatusUnknown, Attrs: []cloud.Attr{{Name: "zone", Value: "a"}},
	}
	if s, ok := map[string]cloud.Status{"up": cloud.StatusRunning, "down": cloud.StatusStopped, "boot": cloud.StatusStarting}[m.State]; ok {
		r.Status = s
	}
	for k, v := range m.Labels {
		r.Tags = append(r.Tags, cloud.Tag{Key: k, Value: v})
	}
	if m.GPU != "" {
		r.GPU = &cloud.GPU{Type: m.GPU, Count: float64(m.GPUs)}
	}
	if m.Price != nil {
		r.Cost = cloud.HourlyPrice(*m.Price, "listing", d.env.Now())
	}
	switch d.defect {
	case "shows the marker":
		r.Attrs = append(r.Attrs, cloud.Attr{Name: "env", Value: m.Env["TOKEN"]})
	case "has bad attributes":
		r.Attrs = append(r.Attrs, cloud.Attr{Name: "Zone ID", Value: nil})
	case "takes what boots for running":
		if m.State == "boot" {
			r.Status = cloud.StatusRunning
		}
	case "makes up a price":
		r.Cost = cloud.HourlyPrice(0, "guess", d.env.Now())
	case "makes up a region":
		r.Region = "global"
	case "forgets tags":
		r.Tags = nil
	case "forgets GPUs":
		r.GPU = nil
	case "takes local time":
		r.CreatedAt = r.CreatedAt.Add(time.Hour)
	}
	return r
}

// Metrics implements provider.MetricsReader.
func (d *acme) Metrics(ctx context.Context, refs []cloud.Ref, _ cloud.Window) iter.Seq2[cloud.Sample, error] {
	return func(yield func(cloud.Sample, error) bool) {
		for batch := range slices.Chunk(refs, 20) {
			var ids []string
			for _, r := range batch {
				ids = append(ids, r.ID)
			}
			var answer struct{ CPU map[string]float64 }
			call := httpx.Call{Op: "query metrics", Path: "/v1/query", Body: map[string]any{"ids": ids}}
			_, err := d.meter.Do(ctx, call, httpx.Into(&answer))
			if cloud.KindOf(err) == cloud.KindDenied && d.defect == "asks in parts where refused" {
				for i := 0; i < len(ids) && err != nil; i++ {
					call.Body = map[string]any{"ids": ids[i : i+1]}
					_, err = d.meter.Do(ctx, call, httpx.Into(&answer))
				}
			}
			if err != nil {
				yield(cloud.Sample{}, err)
				return
			}
			if answer.CPU == nil {
				yield(cloud.Sample{}, &cloud.Error{Kind: cloud.KindResponse, Op: "acme: query metrics", Detail: "no readings"})
				return
			}
			for _, id := range ids {
				v, ok := answer.CPU[id]
				if !ok && d.defect != "makes up zeros" {
					continue
				}
				if d.defect != "takes fractions for percent" {
					v *= 100
				}
				if d.defect == "shows bad percentages" {
					v = -1
				}
				if d.defect == "reads twice" && !yield(cloud.Sample{ID: id, Metric: cloud.Metric{Name: cloud.CPUUsagePercent, Value: v, At: cloud.InstantOf(d.env.Now())}}, nil) {
					return
				}
				s := cloud.Sample{ID: id, Metric: cloud.Metric{Name: cloud.CPUUsagePercent, Value: v, At: cloud.InstantOf(d.env.Now())}}
				if !yield(s, nil) {
					return
				}
			}
		}
	}
}

// Offers implements provider.GPUMarket.
func (d *acme) Offers(ctx context.Context, _ cloud.OfferQuery) iter.Seq2[cloud.Offer, error] {
	return func(yield func(cloud.Offer, error) bool) {
		var all []struct {
			ID, GPU string
			Price   *float64
		}
		if _, err := d.api.Get(ctx, "list offers", "/v1/offers", nil, &all); err != nil {
			yield(cloud.Offer{}, err)
			return
		}
		for i, o := range all {
			if i == 1 && d.defect == "hides offers" {
				return
			}
			offer := cloud.Offer{
				Provider: "acme", ID: o.ID, GPUType: o.GPU, PricePerHour: o.Price, Currency: "USD", QuotedAt: d.env.Now(),
			}
			if d.defect == "has no offer's time" {
				offer.QuotedAt = time.Time{}
			}
			if !yield(offer, nil) {
				return
			}
		}
	}
}

// Costs implements provider.CostReader.
func (d *acme) Costs(ctx context.Context, _ cloud.Period) iter.Seq2[cloud.Cost, error] {
	return func(yield func(cloud.Cost, error) bool) {
		me, err := d.me(ctx)
		if err != nil {
			yield(cloud.Cost{}, err)
			return
		}
		if d.defect == "miscounts money" {
			me.Balance *= 100
		}
		if d.defect == "has a cost of no kind" {
			yield(cloud.Cost{Account: me.Account}, nil)
			return
		}
		yield(cloud.Cost{
			Account: me.Account, Kind: cloud.CostBalance, Amount: me.Balance, Currency: "USD", Source: "/v1/me",
		}, nil)
	}
}
