// Package cloudflare reads Cloudflare: lists over the REST API v4, metrics over the GraphQL Analytics API with one
// query for each account and refresh.
package cloudflare

import (
	"cmp"
	"context"
	"iter"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

const (
	name      = "cloudflare"
	base      = "https://api.cloudflare.com/client/v4"
	fedBase   = "https://api.fed.cloudflare.com/client/v4" // FedRAMP High, as wrangler's compliance region
	tokenPage = "https://dash.cloudflare.com/profile/api-tokens"
	tokenHelp = "make a read-only API token at " + tokenPage + " and set CLOUDFLARE_API_TOKEN"
)

// open returns the driver. A token wins over email and key, as in wrangler.
func open(_ context.Context, env provider.Env) (provider.Driver, error) {
	cfg := &env.Config
	d := &driver{
		now: env.Now, account: cfg.Option("account_id"), services: configured(cfg.Services),
		settings: map[string]accountSettings{}, refusals: map[string]map[string]refusal{},
		pageScripts: map[string]map[string]string{},
	}
	if d.account == "" {
		d.account = cfg.Value("account_id")
	}
	token, email, key := cfg.Value("api_key"), cfg.Value("email"), cfg.Value("global_api_key")
	if token == "" && (email == "" || key == "") {
		return nil, &cloud.Error{Kind: cloud.KindAuth, Detail: "no API token, and no email with API key", Hint: tokenHelp}
	}
	d.token = token != ""
	root := base
	switch region := cfg.Option("compliance_region"); region {
	case "", "public":
	case "fedramp_high":
		root, d.fedramp = fedBase, true
	default:
		return nil, &cloud.Error{
			Kind: cloud.KindConfig, Detail: "compliance_region " + region + " is neither public nor fedramp_high",
		}
	}
	d.api = env.API(root, func(r *http.Request) error {
		if d.token {
			r.Header.Set("Authorization", "Bearer "+token)
			return nil
		}
		r.Header.Set("X-Auth-Email", email)
		r.Header.Set("X-Auth-Key", key)
		return nil
	})
	return d, nil
}

// configured returns the services that the configuration asks for.
func configured(names []string) []string {
	var out []string
	for _, s := range services() {
		if len(names) == 0 || slices.ContainsFunc(names, s.Is) {
			out = append(out, s.Name)
		}
	}
	return out
}

type driver struct {
	api      *httpx.API
	now      func() time.Time
	account  string // the only account to read; empty = all that the credential sees
	token    bool   // an API token; false = email and key
	fedramp  bool
	services []string // configured

	pictures provider.Shared[string, *picture] // by account
	seen     provider.Shared[string, accounts]

	mu          sync.Mutex
	settings    map[string]accountSettings    // by account: what its plan may query
	refusals    map[string]map[string]refusal // by account and dataset
	pageScripts map[string]map[string]string  // by account: a Pages project's production script, by Ref.ID
}

// List implements provider.Driver.
func (d *driver) List(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	switch q.Service {
	case workers:
		return d.workers(ctx, q)
	case r2:
		return d.buckets(ctx, q)
	case d1:
		return d.databases(ctx, q)
	case kv:
		return d.namespaces(ctx, q)
	case ai:
		return d.models(ctx, q)
	case queues:
		return d.queues(ctx, q)
	case pages:
		return d.projects(ctx, q)
	case durableObjects:
		return d.objectNamespaces(ctx, q)
	}
	return provider.NoService(name, q.Service)
}

// resource returns what every resource has. None of these things has a region: they run, or lie, where Cloudflare
// puts them.
func resource[T ~string](q cloud.Query, kind string, id, title T) cloud.Resource {
	return cloud.Resource{
		Provider: name, Account: q.Scope.Account, Region: q.Scope.Region, Service: q.Service, Type: kind, ID: string(id),
		Name: string(cmp.Or(title, id)), Status: cloud.StatusUnknown,
	}
}

// words returns what of all is not "", each once.
func words(all []loose.Text) []string {
	var out []string
	for _, v := range all {
		if v != "" && !slices.Contains(out, string(v)) {
			out = append(out, string(v))
		}
	}
	return out
}
