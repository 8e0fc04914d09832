// Package cloudflaresim is Cloudflare's side of the wire: the REST API v4 and the GraphQL Analytics API at
// api.cloudflare.com, written from the published descriptions of both and their documentation.
package cloudflaresim

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// What lets a client in. They open nothing but this simulator.
const (
	APIToken     = "SIMULATED0token0for0cloudtop0demo0only00" //nolint:gosec // a user's API token, 40 characters
	AccountToken = "SIMULATED0token0owned0by0an0account00000" //nolint:gosec // a token that the first account owns
	Email        = "sim@cloudtop.example"
	GlobalKey    = "5111a7ed0c10d70b0de300000000000000000" //nolint:gosec // the user's Global API Key, 37 hexadecimal digits
)

// marker stands in every field that holds a secret.
const marker = "MARKER-SECRET"

const root = "/client/v4"

// New makes the Cloudflare accounts of a world.
func New(w *sim.World) sim.Cloud {
	c := &cloudflare{
		world:   w,
		rest:    window{limit: 1200, length: 5 * time.Minute},
		queries: window{limit: 300, length: 5 * time.Minute},
	}
	c.fill = sync.OnceFunc(func() { c.build(w.Count("cloudflare", 0.1, 0)) })
	c.mux = c.routes()
	return c
}

// cloudflare implements sim.Cloud.
type cloudflare struct {
	world         *sim.World
	mux           *http.ServeMux
	fill          func() // once: makes the accounts
	accounts      []*account
	rest, queries window
}

// Name implements sim.Cloud.
func (c *cloudflare) Name() string { return "cloudflare" }

// Fill implements sim.Filler.
func (c *cloudflare) Fill() { c.fill() }

// Hosts implements sim.Cloud.
func (c *cloudflare) Hosts() []string {
	return []string{"api.cloudflare.com", "api.fed.cloudflare.com"}
}

// Credentials implements sim.Cloud.
func (c *cloudflare) Credentials() sim.Credentials {
	return sim.Credentials{
		Env:    map[string]string{"CLOUDFLARE_API_TOKEN": APIToken},
		Values: map[string]string{"api_key": APIToken, "email": Email, "global_api_key": GlobalKey},
	}
}

// answer makes the answer to a call on an account; nil for what is of no account.
type answer func(*http.Request, *account) (*result, *failure)

func (c *cloudflare) routes() *http.ServeMux {
	mux := http.NewServeMux()
	own := map[string]answer{
		"/user": c.user, "/user/tokens/verify": c.verifyUserToken, "/memberships": c.memberships,
		"/accounts": c.listAccounts,
	}
	ofAccount := map[string]answer{
		"": getAccount, "/tokens/verify": c.verifyAccountToken,
		"/workers/scripts": listScripts, "/workers/account-settings": accountSettings, "/workers/subdomain": subdomain,
		"/workers/durable_objects/namespaces": listObjectNamespaces,
		"/r2/buckets":                         listBuckets, "/r2/buckets/{name}": getBucket, "/r2/metrics": c.r2Metrics,
		"/d1/database": listDatabases, "/d1/database/{id}": c.getDatabase,
		"/storage/kv/namespaces": listNamespaces, "/storage/kv/namespaces/{id}": getNamespace,
		"/ai/models/search": searchModels,
		"/queues":           listQueues, "/queues/{id}": getQueue, "/queues/{id}/metrics": c.queueMetrics,
		"/queues/{id}/consumers": listConsumers,
		"/pages/projects":        listProjects, "/pages/projects/{name}": getProject, "/pages/projects/{name}/deployments": listDeployments,
		"/billable-usage": c.billableUsage, "/billable-usage/info": billableInfo, "/billable/usage": c.usageOnly,
		"/workers/scripts/{script}/deployments": ofScript((*script).deployments),
		"/workers/scripts/{script}/schedules":   ofScript((*script).schedules),
		"/workers/scripts/{script}/settings":    ofScript((*script).settings),
		"/workers/workers":                      listWorkers, "/workers/domains": unpaged, "/workers/dispatch/namespaces": unpaged,
		"/storage/kv/namespaces/{id}/keys": listKeys,
		"/ai-gateway/gateways":             unused(5, 100, 20), "/hyperdrive/configs": unused(1, 100, 20), "/vectorize/v2/indexes": unpaged,
	}
	for path, do := range own {
		mux.HandleFunc(root+path, c.serve(do))
	}
	for path, do := range ofAccount {
		mux.HandleFunc(root+"/accounts/{account}"+path, c.serve(do))
	}
	mux.HandleFunc("POST "+root+"/graphql", c.graphQL)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { noRoute(r).write(w) })
	return mux
}

// ServeHTTP implements http.Handler: first the credential, then the limit, then the answer.
func (c *cloudflare) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.fill()
	w.Header().Set("Content-Type", "application/json")
	user, bad := authenticate(r)
	if bad != nil {
		bad.write(w)
		return
	}
	now := c.world.Now()
	left, reset, ok := c.rest.take(user, now)
	c.rest.describe(w.Header(), left, reset)
	if !ok {
		c.rest.refuse(w.Header(), now, reset)
		c.Fail(w, r, http.StatusTooManyRequests)
		return
	}
	c.mux.ServeHTTP(w, r)
}

// serve checks the method, the account and the token's permission, then answers.
func (c *cloudflare) serve(do answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			w.Header().Set("Allow", http.MethodGet)
			c.Fail(w, r, http.StatusMethodNotAllowed)
			return
		}
		var a *account
		if id := r.PathValue("account"); id != "" {
			var bad *failure
			if a, bad = c.account(r, id); bad != nil {
				bad.write(w)
				return
			}
		}
		res, bad := do(r, a)
		if bad != nil {
			bad.write(w)
			return
		}
		res.write(w)
	}
}

// account returns the account of a path, where the token may read what the path asks for.
func (c *cloudflare) account(r *http.Request, id string) (*account, *failure) {
	if !isTag(id) {
		return nil, noRoute(r)
	}
	a := c.find(id)
	rest := strings.TrimPrefix(r.URL.Path, root+"/accounts/"+id)
	switch {
	case a == nil && rest == "":
		return nil, fail(http.StatusForbidden, 9109, "Unauthorized to access requested resource")
	case a == nil, tokenOwner(r) != "" && c.accounts[0] != a:
		return nil, fail(http.StatusForbidden, 10000, "Authentication error")
	}
	for prefix := range a.denied {
		if strings.HasPrefix(rest, prefix) {
			return nil, fail(http.StatusForbidden, 10000, "Authentication error")
		}
	}
	return a, nil
}

func (c *cloudflare) find(id string) *account {
	for _, a := range c.accounts {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// isTag reports whether s is an identifier: 32 hexadecimal digits.
func isTag(s string) bool {
	return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == ""
}
