package sdk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/sim"
)

const (
	cloudflareREST    = "cloudflare/cloudflare-rest-subset.derived.openapi.json"
	cloudflareGraphQL = "cloudflare/cloudflare-graphql-schema.cloudtop-subset.gql"
)

// TestCloudflareTrafficIsAsPublished drives our client over our simulator: every REST call and answer is held against
// the OpenAPI description, every GraphQL query and answer against the schema of the API.
func TestCloudflareTrafficIsAsPublished(t *testing.T) {
	t.Parallel()
	conn, check := connectCloudflare(t)
	if err := conn.HealthCheck(t.Context()); err != nil {
		t.Fatal(err)
	}
	readAll(t, conn)
	check.rest.report(t)
	if check.queries == 0 {
		t.Error("no query was checked")
	}
}

// TestCloudflareAnswersOthersAsPublished asks the simulator what our client does not: what vendors' clients read.
func TestCloudflareAnswersOthersAsPublished(t *testing.T) {
	t.Parallel()
	conn, check := connectCloudflare(t)
	found, err := conn.ListResources(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	account := found[0].Account
	paths := []string{
		"/user/tokens/verify", "/accounts/" + account + "/workers/account-settings", "/accounts/" + account + "/r2/metrics",
		"/accounts/" + account + "/billable-usage/info", "/accounts/" + account + "/ai/models/search?per_page=5",
		"/accounts/" + account + "/workers/subdomain", "/accounts/" + account + "/workers/workers?per_page=5&order=asc&order_by=name",
		"/accounts/" + account + "/ai-gateway/gateways", "/accounts/" + account + "/hyperdrive/configs",
		"/accounts/" + account + "/vectorize/v2/indexes", "/accounts/" + account + "/billable-usage",
		"/accounts/" + account + "/billable/usage", "/accounts?direction=desc&name=Acme",
	}
	for i := range found {
		r := &found[i]
		if r.Account != account {
			continue
		}
		switch r.Service {
		case "workers":
			paths = append(paths, "/accounts/"+account+"/"+r.ID+"/deployments", "/accounts/"+account+"/"+r.ID+"/schedules")
		case "d1":
			paths = append(paths, "/accounts/"+account+"/d1/database/"+r.ID)
		case "kv":
			paths = append(paths, "/accounts/"+account+"/storage/kv/namespaces/"+r.ID)
		case "queues":
			paths = append(paths, "/accounts/"+account+"/queues/"+r.ID+"/metrics")
		case "r2":
			if r.Attr("jurisdiction") == "default" {
				paths = append(paths, "/accounts/"+account+"/"+r.ID)
			}
		}
	}
	for _, p := range paths {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.cloudflare.com/client/v4"+p, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+check.token)
		resp, err := check.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: HTTP %d", p, resp.StatusCode)
		}
	}
	check.rest.report(t)
}

// cloudflareContract holds REST against the OpenAPI description and GraphQL against the schema.
type cloudflareContract struct {
	t      *testing.T
	rest   *contract
	schema *ast.Schema
	token  string

	mu      sync.Mutex
	queries int
}

func cloudflareSchema(t *testing.T) *ast.Schema {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: cloudflareGraphQL, Input: string(spec(t, cloudflareGraphQL))})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// connectCloudflare returns a connection to the simulator, all of whose traffic is checked.
func connectCloudflare(t *testing.T) (*provider.Conn, *cloudflareContract) {
	t.Helper()
	check := &cloudflareContract{
		t: t, rest: newContract(t, spec(t, cloudflareREST), "api.cloudflare.com"), schema: cloudflareSchema(t),
	}
	w := sim.NewWorld(sim.Options{Seed: 5, Counts: map[string]int{"cloudflare": 80}})
	u := sim.NewUniverse(w, all.Clouds(w)...)
	check.rest.base = u.Transport()
	values := u.Cloud("cloudflare").Credentials().Values
	check.token = values["api_key"]
	description, ok := all.Specs().Lookup("cloudflare")
	if !ok {
		t.Fatal("no provider cloudflare")
	}
	conn := provider.NewConn(description)
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "api_key", Source: "test", Values: values}, Transport: check, Now: w.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return conn, check
}

// RoundTrip implements http.RoundTripper.
func (c *cloudflareContract) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/graphql") {
		return c.graphQL(c.rest.base, r)
	}
	return c.rest.RoundTrip(r)
}

func (c *cloudflareContract) graphQL(under http.RoundTripper, r *http.Request) (*http.Response, error) {
	asked, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(asked))
	resp, err := under.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(got))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queries++
	for _, fault := range breachesOf(c.schema, asked, got) {
		c.t.Error(fault)
	}
	return resp, err
}

// breachesOf holds a GraphQL call and its answer against the schema.
func breachesOf(schema *ast.Schema, asked, got []byte) []string {
	var request struct{ Query string }
	if err := json.Unmarshal(asked, &request); err != nil {
		return []string{err.Error()}
	}
	doc, errs := gqlparser.LoadQueryWithRules(schema, request.Query, rules.NewDefaultRules())
	if len(errs) > 0 {
		return []string{fmt.Sprintf("%v in %s", errs, request.Query)}
	}
	var answer struct {
		Data   map[string]any
		Errors []any
	}
	if err := json.Unmarshal(got, &answer); err != nil {
		return []string{err.Error()}
	}
	if len(answer.Errors) > 0 {
		return []string{fmt.Sprintf("errors: %v", answer.Errors)}
	}
	return walk("data", doc.Operations[0].SelectionSet, answer.Data)
}

// walk compares an object with the selection that asked for it.
func walk(path string, set ast.SelectionSet, object map[string]any) []string {
	var faults []string
	known := map[string]bool{}
	for _, s := range set {
		f, ok := s.(*ast.Field)
		if !ok {
			continue
		}
		known[f.Alias] = true
		v, there := object[f.Alias]
		if !there {
			faults = append(faults, path+"."+f.Alias+" is missing")
			continue
		}
		faults = append(faults, fits(path+"."+f.Alias, f.Definition.Type, f.SelectionSet, v)...)
	}
	for name := range object {
		if !known[name] {
			faults = append(faults, path+"."+name+" was not asked for")
		}
	}
	return faults
}

func fits(path string, kind *ast.Type, set ast.SelectionSet, v any) []string {
	if v == nil {
		if kind.NonNull {
			return []string{path + " is null"}
		}
		return nil
	}
	if kind.Elem != nil {
		list, ok := v.([]any)
		if !ok {
			return []string{path + " is no list"}
		}
		var faults []string
		for i, e := range list {
			faults = append(faults, fits(fmt.Sprintf("%s[%d]", path, i), kind.Elem, set, e)...)
		}
		return faults
	}
	if len(set) > 0 {
		object, ok := v.(map[string]any)
		if !ok {
			return []string{path + " is no object"}
		}
		return walk(path, set, object)
	}
	if !isScalar(kind.NamedType, v) {
		return []string{fmt.Sprintf("%s: %v is no %s", path, v, kind.NamedType)}
	}
	return nil
}

func isScalar(kind string, v any) bool {
	n, isNumber := v.(float64)
	s, isString := v.(string)
	switch kind {
	case "uint8", "uint16", "uint32", "uint64":
		return isNumber && n >= 0 && n == float64(int64(n))
	case "int64":
		return isNumber && n == float64(int64(n))
	case "float32", "float64":
		return isNumber
	case "Time":
		_, err := time.Parse(time.RFC3339, s)
		return isString && err == nil
	case "Date":
		_, err := time.Parse(time.DateOnly, s)
		return isString && err == nil
	case "bool":
		_, ok := v.(bool)
		return ok
	}
	return isString
}

// TestCloudflareContractSeesABreach proves that the check of GraphQL can fail.
func TestCloudflareContractSeesABreach(t *testing.T) {
	t.Parallel()
	schema := cloudflareSchema(t)
	ask := func(dataset string) []byte {
		query := `{viewer{accounts(filter:{accountTag:"a"}){` + dataset + `(limit:1,filter:{}){sum{requests}}}}}`
		data, err := json.Marshal(map[string]string{"query": query})
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	const good = `{"data":{"viewer":{"accounts":[{"workersInvocationsAdaptive":[{"sum":{"requests":1}}]}]}},"errors":null}`
	tests := []struct{ name, dataset, answer string }{
		{"unknown dataset", "workersInvocations", good},
		{"fraction", "workersInvocationsAdaptive", strings.Replace(good, ":1}", ":1.5}", 1)},
		{"null", "workersInvocationsAdaptive", strings.Replace(good, ":1}", ":null}", 1)},
		{"missing", "workersInvocationsAdaptive", strings.Replace(good, `"requests":1`, "", 1)},
		{"extra", "workersInvocationsAdaptive", strings.Replace(good, `"requests":1`, `"requests":1,"errors":0`, 1)},
		{"errors", "workersInvocationsAdaptive", strings.Replace(good, `"errors":null`, `"errors":[{"message":"x"}]`, 1)},
	}
	if faults := breachesOf(schema, ask("workersInvocationsAdaptive"), []byte(good)); len(faults) > 0 {
		t.Errorf("a good answer: got %q", faults)
	}
	for _, tt := range tests {
		if faults := breachesOf(schema, ask(tt.dataset), []byte(tt.answer)); len(faults) == 0 {
			t.Errorf("%s: no breach was seen", tt.name)
		}
	}
}
