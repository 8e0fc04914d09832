// Package azure reads Microsoft Azure: what exists by one Azure Resource Graph query over all subscriptions, metrics by
// the calls of Azure Monitor that answer for many, sizes from the resource SKUs of Compute, prices from the retail price
// list. Sign-in is azidentity's; the calls are REST by hand: over the SDK's clients that saves 1.1 MB of binary and one
// way of decoding.
package azure

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

const (
	name       = "azure"
	management = "https://management.azure.com"
	roleHint   = "assign the role Reader, and for metrics Monitoring Reader, at the scope of the subscription"
)

// Spec describes Azure.
func Spec() *provider.Spec {
	return &provider.Spec{
		Name: name, Title: "Azure", Short: "z", Aliases: []string{"az"},
		Hosts: []string{
			"management.azure.com", "*.metrics.monitor.azure.com", "login.microsoftonline.com", "prices.azure.com",
			"169.254.*", "localhost", "127.0.0.1", // managed identity: IMDS, App Service and Container Apps, Arc
		},
		Queries: []httpx.Pattern{
			{Method: http.MethodPost, Host: "management.azure.com", Path: graphPath},
			{Method: http.MethodPost, Host: "*.metrics.monitor.azure.com", Path: "/subscriptions/*/metrics:getBatch"},
			{Method: http.MethodPost, Host: "login.microsoftonline.com", Path: "/*/oauth2/v2.0/token"},
		},
		Limits: []httpx.Limit{
			{
				Name: "resource graph", Events: 15, Per: 5 * time.Second,
				Match:  httpx.Pattern{Method: http.MethodPost, Host: "management.azure.com", Path: graphPath},
				Source: "learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests",
			},
			{
				Name: "reads", Events: 250, Per: 10 * time.Second,
				Match:  httpx.Pattern{Method: http.MethodGet, Host: "management.azure.com"},
				Source: "learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling",
			},
		},
		Services: services(),
		Asks:     asks(),
		Bill:     &provider.Bill{Unit: "metric query", Source: "azure.microsoft.com/pricing/details/monitor"},
		Auth:     authMethods(),
		Options: []provider.Option{
			{Name: "subscription_id", Type: "string", Help: "the one subscription to read; default: all that are visible"},
			{Name: "subscription_ids", Type: "strings", Help: "the subscriptions to read; default: all that are visible"},
		},
		Permissions: "Two built-in roles at the scope of each subscription (or of a management group above them):\n" +
			"  Reader             what exists\n  Monitoring Reader  metrics; the batch API asks for it at subscription scope\n\n" +
			"az ad sp create-for-rbac --name cloudtop --role Reader --scopes /subscriptions/<id>\n" +
			"az role assignment create --assignee <appId> --role \"Monitoring Reader\" --scope /subscriptions/<id>",
		Docs: []string{
			"https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data",
			"https://learn.microsoft.com/azure/azure-monitor/essentials/migrate-to-batch-api",
			"https://learn.microsoft.com/azure/azure-monitor/reference/metrics-index",
			"https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions",
			"https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices",
		},
		CostNote: "Azure Monitor bills metric queries beyond a free monthly allowance as standard API calls; the rest is free.",
		Classify: classify,
		Open:     open,
	}
}

func open(_ context.Context, env provider.Env) (provider.Driver, error) {
	credential, err := newTokens(env)
	if err != nil {
		return nil, err
	}
	d := &driver{
		api: env.API(management, nil), tokens: credential, now: env.Now,
		clientID: env.Config.Value("client_id"), fallback: env.Config.Value("subscription_id"),
	}
	for _, r := range env.Config.Regions {
		d.regions = append(d.regions, region(r))
	}
	if one := env.Config.Option("subscription_id"); one != "" {
		d.only = append(d.only, strings.ToLower(one))
	}
	many, _ := env.Config.Options["subscription_ids"].([]string)
	for _, id := range many {
		d.only = append(d.only, strings.ToLower(id))
	}
	for _, s := range services() {
		if len(env.Config.Services) == 0 || slices.ContainsFunc(env.Config.Services, s.Is) {
			d.listed = append(d.listed, s.Name)
		}
	}
	return d, nil
}

// driver implements provider.Driver, Scoper, Identifier, MetricsReader and Pricer.
type driver struct {
	api      *httpx.API
	tokens   *tokens
	now      func() time.Time
	clientID string
	only     []string // the subscriptions that the configuration names, lower case; none = all that are visible
	fallback string   // the subscription that the credential names
	regions  []string // the regions that the configuration names, as Azure Resource Manager does; none = all
	listed   []string // the services that the inventory holds

	mu    sync.Mutex
	round *round
	ways  map[part]way    // how the metrics of a service can be read
	apart map[part]bool   // services whose many resources cannot be read in one call
	sets  map[string]sets // which metrics of a service are asked for together; none = all

	hires hires // of the last inventory

	sizes  cache[map[string]size]
	prices cache[map[string]priced]
}

// List implements provider.Driver. All calls of a round share one inventory.
func (d *driver) List(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	if _, ok := kindOf(q.Service); !ok {
		return provider.NoService(name, q.Service)
	}
	return func(yield func(cloud.Resource, error) bool) {
		items, err := d.items(ctx, part{strings.ToLower(q.Scope.Account), q.Service})
		sizes, unsized := d.sizesOf(ctx, q.Scope.Account, items)
		for i := range items {
			r := items[i].sized(sizes)
			r.Provider, r.Account = name, q.Scope.Account
			if !yield(r, nil) {
				return
			}
		}
		for _, err := range append(unsized, err) {
			if err != nil && !yield(cloud.Resource{}, err) {
				return
			}
		}
	}
}

// fetch makes one call, authorized for an audience where there is one, and decodes its answer. An error of
// cloud.KindPartial comes with an answer of which a part could not be read.
func fetch[T any](ctx context.Context, d *driver, audience string, c httpx.Call) (T, error) {
	var out T
	var missing error
	_, err := d.send(ctx, audience, c, func(dec *json.Decoder) error {
		var v T
		err := odd(c.Op, dec.Decode(&v))
		out, missing = v, nil
		if partial(err) {
			missing = err
			return nil
		}
		return err
	})
	return out, cmp.Or(err, missing)
}

// send makes one call, authorized for an audience where there is one. decode reads the answer, from its beginning where
// an attempt is repeated.
func (d *driver) send(ctx context.Context, audience string, c httpx.Call, decode func(*json.Decoder) error) (http.Header, error) {
	if audience != "" {
		token, err := d.tokens.get(ctx, audience)
		if err != nil {
			return nil, err
		}
		c.Header = http.Header{"Authorization": {"Bearer " + token}}
	}
	return d.api.Do(ctx, c, decode)
}
