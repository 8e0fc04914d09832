// Package azuresim is Azure's side of the wire: sign-in at login.microsoftonline.com, Azure Resource Manager with
// Resource Graph, Compute SKUs and Monitor metrics, the regional metrics:getBatch endpoints, and the retail price list.
// It is written from Microsoft's published references and the models of the official SDK (armresourcegraph,
// armcompute, armmonitor, azmetrics, armsubscriptions).
package azuresim

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

const (
	managementHost = "management.azure.com"
	loginHost      = "login.microsoftonline.com"
	pricesHost     = "prices.azure.com"
	metricsDomain  = ".metrics.monitor.azure.com"
)

// New makes the Azure tenant of a world.
func New(w *sim.World) sim.Cloud {
	c := &cloud{
		world: w, reads: &sim.Limiter{N: 250, Per: 10 * time.Second},
		graph: &window{quota: 15, length: 5 * time.Second}, prices: sync.OnceValue(priceRecords),
	}
	c.identify(w.Rand("azure", "identity"))
	r := w.Rand("azure", "world")
	c.kinds, c.subscriptions = kinds(), c.newSubscriptions(r)
	c.fill = sync.OnceFunc(func() { c.build(r, w.Count("azure", 0.25, 0)) })
	return c
}

// cloud implements sim.Cloud.
type cloud struct {
	world *sim.World
	identity
	subscriptions []*subscription
	kinds         []*kind
	fill          func()      // once: makes the resources
	resources     []*resource // ordered by id
	byID          map[string]*resource

	reads  *sim.Limiter
	graph  *window
	prices func() []*record // the whole list

	mu     sync.Mutex
	asked  string // the query that answer belongs to
	answer *table
}

// Name implements sim.Cloud.
func (c *cloud) Name() string { return "azure" }

// Fill implements sim.Filler.
func (c *cloud) Fill() { c.fill() }

// Hosts implements sim.Cloud.
func (c *cloud) Hosts() []string {
	return []string{managementHost, loginHost, pricesHost, "*" + metricsDomain}
}

// ServeHTTP implements http.Handler.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.fill()
	r = withLowerQuery(r)
	host, _, _ := strings.Cut(strings.ToLower(r.Host), ":")
	switch {
	case host == loginHost:
		c.serveLogin(w, r)
	case host == pricesHost:
		c.servePrices(w, r)
	case host == managementHost:
		c.serveManagement(w, r)
	case strings.HasSuffix(host, metricsDomain):
		c.serveBatch(w, r, strings.TrimSuffix(host, metricsDomain))
	default:
		c.Fail(w, r, http.StatusNotFound)
	}
}

// serveManagement checks token, version and limits, then routes.
func (c *cloud) serveManagement(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Ms-Request-Id", c.traceID(r))
	w.Header().Set("X-Ms-Correlation-Request-Id", c.traceID(r))
	if p := c.authorize(r, armAudience); p != nil {
		w.Header().Set("Www-Authenticate", `Bearer authorization_uri="https://`+loginHost+"/"+c.tenant+`", error="invalid_token"`)
		p.write(w)
		return
	}
	path := strings.Split(strings.Trim(strings.ToLower(r.URL.Path), "/"), "/")
	if len(path) == 3 && path[0] == "providers" && path[1] == "microsoft.resourcegraph" && path[2] == "resources" {
		c.serveGraph(w, r)
		return
	}
	if wait, ok := c.reads.Allow(strings.Join(path[:min(2, len(path))], "/"), c.world.Now()); !ok {
		retryAfter(w, wait)
		c.Fail(w, r, http.StatusTooManyRequests)
		return
	}
	w.Header().Set("X-Ms-Ratelimit-Remaining-Subscription-Reads", "249")
	if p := c.route(w, r, path); p != nil {
		if p.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", http.MethodGet)
		}
		p.write(w)
	}
}

// route serves one path of Azure Resource Manager; path is lower case.
func (c *cloud) route(w http.ResponseWriter, r *http.Request, path []string) *problem {
	if p := checkVersion(r.URL.Query()); p != nil {
		return p
	}
	switch root := path[0]; {
	case root == "tenants" && len(path) == 1:
		return readOnly(w, r, c.listTenants)
	case root == "providers" && len(path) == 3 && path[2] == "operations":
		return readOnly(w, r, func() (any, *problem) { return listOperations(path[1]) })
	case root == "providers" && len(path) <= 2:
		return readOnly(w, r, func() (any, *problem) { return c.listProviders("", strings.Join(path[1:], "")) })
	case root != "subscriptions":
		return invalidPath(r)
	case len(path) == 1:
		return readOnly(w, r, c.listSubscriptions)
	}
	s, p := c.readable(path[1], r)
	if p != nil {
		return p
	}
	return c.routeSubscription(w, r, s, path[2:])
}

// routeSubscription serves what lies below a subscription.
func (c *cloud) routeSubscription(w http.ResponseWriter, r *http.Request, s *subscription, path []string) *problem {
	resource, what := splitInsights(strings.Join(path, "/"))
	switch id := "/subscriptions/" + s.id + "/" + resource; {
	case what == "metrics" && resource == "":
		return c.metricsOfSubscription(w, r, s)
	case what == "metrics":
		return c.metricsOfResource(w, r, id)
	case (what == "metricdefinitions" || what == "metricnamespaces") && resource != "":
		return readOnly(w, r, func() (any, *problem) { return c.about(id, what) })
	}
	if answer := c.directory(r, s, path); answer != nil {
		return readOnly(w, r, answer)
	}
	return c.serveResources(w, r, s, path)
}

// directory returns the answer to a path that names no resource; nil where it may be one.
func (c *cloud) directory(r *http.Request, s *subscription, path []string) func() (any, *problem) {
	for pattern, answer := range map[string]func(part string) (any, *problem){
		"":                                 func(string) (any, *problem) { return s.json(c.tenant), nil },
		"locations":                        func(string) (any, *problem) { return s.listLocations() },
		"resourcegroups":                   func(string) (any, *problem) { return s.listGroups(r) },
		"resourcegroups/*":                 s.group,
		"resources":                        func(string) (any, *problem) { return c.listGeneric(r, s, "") },
		"resourcegroups/*/resources":       func(group string) (any, *problem) { return c.listGeneric(r, s, group) },
		"providers":                        func(string) (any, *problem) { return c.listProviders("/subscriptions/"+s.id, "") },
		"providers/*":                      func(one string) (any, *problem) { return c.listProviders("/subscriptions/"+s.id, one) },
		"providers/microsoft.compute/skus": func(string) (any, *problem) { return listSKUs(r.URL.Query()) },
		"providers/microsoft.compute/locations/*/usages": func(region string) (any, *problem) { return c.listUsages(s, region) },
	} {
		if part, ok := matches(path, pattern); ok {
			return func() (any, *problem) { return answer(part) }
		}
	}
	return nil
}

// matches reports whether a path has a form, in which * stands for one part; it returns that part.
func matches(path []string, form string) (part string, ok bool) {
	want := strings.Split(form, "/")
	if form == "" {
		want = nil
	}
	if len(want) != len(path) {
		return "", false
	}
	for i, w := range want {
		switch w {
		case "*":
			part = path[i]
		case path[i]:
		default:
			return "", false
		}
	}
	return part, true
}

func readOnly(w http.ResponseWriter, r *http.Request, answer func() (any, *problem)) *problem {
	if r.Method != http.MethodGet {
		return notAllowed(r)
	}
	v, p := answer()
	if p == nil {
		writeJSON(w, http.StatusOK, v)
	}
	return p
}

// readable returns a subscription that the principal may read.
func (c *cloud) readable(id string, r *http.Request) (*subscription, *problem) {
	for _, s := range c.subscriptions {
		if s.id != id {
			continue
		}
		if s.denied {
			return nil, c.unauthorized(r, "/subscriptions/"+id)
		}
		return s, nil
	}
	return nil, &problem{http.StatusNotFound, "SubscriptionNotFound", "The subscription '" + id + "' could not be found.", nil}
}

func (c *cloud) listSubscriptions() (any, *problem) {
	all := []any{}
	for _, s := range c.subscriptions {
		all = append(all, s.json(c.tenant))
	}
	return map[string]any{"value": all, "count": map[string]any{"type": "Total", "value": len(all)}, "nextLink": ""}, nil
}

// withLowerQuery returns the request with the names of its query's parameters in lower case: Azure does not mind it.
func withLowerQuery(r *http.Request) *http.Request {
	q := url.Values{}
	for name, values := range r.URL.Query() {
		name = strings.ToLower(name)
		q[name] = append(q[name], values...)
	}
	at := *r.URL
	at.RawQuery = q.Encode()
	out := *r
	out.URL = &at
	return &out
}

// checkVersion wants an api-version of the published form.
func checkVersion(q url.Values) *problem {
	v := q.Get("api-version")
	if v == "" {
		return &problem{
			http.StatusBadRequest, "MissingApiVersionParameter",
			"The api-version query parameter (?api-version=) is required for all requests.", nil,
		}
	}
	if _, err := time.Parse(time.DateOnly, strings.TrimSuffix(v, "-preview")); err != nil {
		return &problem{http.StatusBadRequest, "InvalidApiVersionParameter", "The api-version '" + v + "' is invalid.", nil}
	}
	return nil
}
