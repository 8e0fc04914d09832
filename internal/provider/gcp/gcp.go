// Package gcp reads Google Cloud: Compute Engine, GKE, Cloud Functions, Cloud Run and Cloud SQL over all projects, and
// their metrics with one call per metric and project. The REST calls are made by hand: Google's own client library
// adds 10 MB to a program and switches the linker's dead-code elimination off.
package gcp

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

const name = "gcp"

// The services' names.
const (
	compute   = "compute"
	gke       = "gke"
	functions = "functions"
	run       = "run"
	sql       = "sql"
)

// open returns the driver: it reads the credential and makes no call.
func open(_ context.Context, env provider.Env) (provider.Driver, error) {
	signer, err := newTokens(env)
	if err != nil {
		return nil, err
	}
	d := &driver{
		env: env, tokens: signer, key: env.Config.Value("api_key"), regions: env.Config.Regions,
		prices: newPriceList(), places: newPlaces(),
	}
	quota := cmp.Or(env.Config.Option("quota_project"), env.Config.Value("quota_project"), signer.file.QuotaProjectID)
	d.api = env.API("", func(r *http.Request) error {
		token, err := signer.get(r.Context())
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+token)
		if quota != "" {
			r.Header.Set("X-Goog-User-Project", quota)
		}
		return nil
	})
	return d, nil
}

type driver struct {
	env     provider.Env
	api     *httpx.API
	tokens  *tokens
	key     string // for the price list; may be empty
	regions []string
	prices  *priceList
	places  *places
	homes   homes // of functions
}

// List implements provider.Driver.
func (d *driver) List(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	switch q.Service {
	case compute:
		return d.wanted(d.instances(ctx, q))
	case gke:
		return d.wanted(d.clusters(ctx, q))
	case functions:
		return d.wanted(d.functions(ctx, q))
	case run:
		return d.wanted(d.runServices(ctx, q))
	case sql:
		return d.wanted(d.databases(ctx, q))
	}
	return provider.NoService(name, q.Service)
}

// wanted leaves out what is in regions that the configuration does not ask for: Google lists all regions at once.
func (d *driver) wanted(all iter.Seq2[cloud.Resource, error]) iter.Seq2[cloud.Resource, error] {
	if len(d.regions) == 0 {
		return all
	}
	return func(yield func(cloud.Resource, error) bool) {
		for r, err := range all {
			if err == nil && r.Region != "" && !slices.Contains(d.regions, r.Region) {
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// list makes a call page by page, and yields what resources makes of each.
func list[P any](
	ctx context.Context, d *driver, c httpx.Call, next func(*P) string, resources func(*P) ([]cloud.Resource, []error),
) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		for page, err := range pages(ctx, d.api, c, next) {
			if err != nil {
				yield(cloud.Resource{}, err)
				return
			}
			found, missing := resources(page)
			for _, r := range found {
				if !yield(r, nil) {
					return
				}
			}
			for _, err := range missing {
				if !yield(cloud.Resource{}, err) {
					return
				}
			}
		}
	}
}

// pages makes a call again with the page token that each answer gives, until one gives none. A token that comes twice
// would be a loop: it ends the sequence with an error.
func pages[P any](ctx context.Context, api *httpx.API, c httpx.Call, next func(*P) string) iter.Seq2[*P, error] {
	return func(yield func(*P, error) bool) {
		seen := map[string]bool{}
		for {
			page := new(P)
			decode := httpx.Into(page)
			if p, ok := any(page).(interface{ read(*json.Decoder) error }); ok { // as it arrives
				decode = p.read
			}
			if _, err := api.Do(ctx, c, decode); err != nil {
				yield(nil, err)
				return
			}
			token := next(page)
			if seen[token] {
				yield(nil, &cloud.Error{
					Kind: cloud.KindResponse, Op: name + ": " + c.Op, Detail: "the answers repeat a page token: the list is not complete",
				})
				return
			}
			if !yield(page, nil) || token == "" {
				return
			}
			seen[token] = true
			q := url.Values{"pageToken": {token}}
			for k, v := range c.Query {
				if k != "pageToken" {
					q[k] = v
				}
			}
			c.Query = q
		}
	}
}

// query returns the parameters that make answers small: the fields that are used, in one line.
func query(fields string, more ...string) url.Values {
	q := url.Values{"fields": {fields}, "prettyPrint": {"false"}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return q
}

// resource returns what every resource has.
func resource(q cloud.Query, kind, id, title string) cloud.Resource {
	return cloud.Resource{
		Provider: name, Account: q.Scope.Account, Service: q.Service, Type: kind, ID: id, Name: title,
		Status: cloud.StatusUnknown,
	}
}

// moment reads a time of RFC 3339; the zero time where there is none, or none that can be read.
func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
