package cloudflare_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
)

// everything are the things of which analytics.json has readings, by service.
func everything() map[string]string {
	return map[string]string{
		"workers": "workers/scripts/api", "pages": "pages/projects/site", "r2": "r2/buckets/eu_logs", "d1": "d-1", "kv": "k-1", "ai": "ai/models/@cf/meta/llama",
		"queues": "q-1", "durable_objects": "o-1",
	}
}

// readAll reads the metrics of everything from one answer of GraphQL: "service metric" to value, and each service's errors.
func readAll(t *testing.T, answer string) (all map[string]float64, errs map[string][]error) {
	t.Helper()
	s := &server{answers: map[string]string{
		"/graphql": answer, "/accounts/" + acct + "/pages/projects": envelope(`[{"name":"site","id":"1","production_script_name":"pages-worker--1-production"}]`),
	}}
	conn := open(t, served(s))
	all, errs = map[string]float64{}, map[string][]error{}
	for service, id := range everything() {
		got, bad := metrics(t.Context(), conn, refs(service, id), window())
		for _, named := range got {
			for name, m := range named {
				all[service+" "+name] = m.Value
			}
		}
		errs[service] = bad
	}
	return all, errs
}

// places visits the values of an answer's parts, each with its path and how to set it; afterwards it stands as before.
func places(path string, v any, set func(any), visit func(path string, set func(any))) {
	visit(path, set)
	set(v)
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			places(path+"."+name, v[name], func(x any) { v[name] = x }, visit)
		}
	case []any:
		for i := range v {
			places(fmt.Sprintf("%s[%d]", path, i), v[i], func(x any) { v[i] = x }, visit)
		}
	}
}

// serviceOf is whose readings a part of the answer holds: its alias begins with the service's name.
func serviceOf(alias string) string {
	for prefix, service := range map[string]string{
		"workers": "workers", "pages": "pages", "r2": "r2", "d1": "d1", "kv": "kv", "ai": "ai", "queue": "queues", "object": "durable_objects",
	} {
		if strings.HasPrefix(alias, prefix) {
			return service
		}
	}
	return ""
}

// TestAnOddValueCostsNoOtherServiceItsReadings puts odd values into every place of an answer in turn. What another
// service reads does not change; what its own service still reads is a number that can be.
func TestAnOddValueCostsNoOtherServiceItsReadings(t *testing.T) {
	t.Parallel()
	text := testdata(t, "analytics.json")
	want, errs := readAll(t, text)
	for service, bad := range errs {
		if len(bad) > 0 {
			t.Fatalf("%s: %v", service, bad)
		}
	}
	var answer map[string]any
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(err)
	}
	account := answer["data"].(map[string]any)["viewer"].(map[string]any)["accounts"].([]any)[0].(map[string]any)
	tried := 0
	for _, alias := range slices.Sorted(maps.Keys(account)) {
		if alias == "settings" {
			continue
		}
		places(alias, account[alias], func(x any) { account[alias] = x }, func(path string, set func(any)) {
			for _, odd := range []any{nil, "odd", -1.5, []any{7}, map[string]any{"odd": true}} {
				set(odd)
				got, errs := readAll(t, asJSON(t, answer))
				tried++
				for key, v := range got {
					if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
						t.Errorf("%s = %v: %s is %v", path, odd, key, v)
					}
				}
				for key, v := range want {
					service, _, _ := strings.Cut(key, " ")
					if shared := strings.Contains(key, "free_"); service != serviceOf(alias) && !shared && got[key] != v {
						t.Errorf("%s = %v: %s is %v, was %v: %v", path, odd, key, got[key], v, errs[service])
					}
				}
				for service, bad := range errs {
					for _, err := range bad {
						if kind := cloud.KindOf(err); kind != cloud.KindPartial && kind != cloud.KindResponse || strings.Contains(err.Error(), token) {
							t.Errorf("%s = %v: %s: got %v", path, odd, service, err)
						}
					}
				}
			}
		})
	}
	if tried < 500 {
		t.Errorf("tried %d values", tried)
	}
}
