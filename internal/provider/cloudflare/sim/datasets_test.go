package cloudflaresim_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	cloudflaresim "github.com/adsops/cloudtop/internal/provider/cloudflare/sim"
	"github.com/adsops/cloudtop/internal/sim"
)

// datasets are those that the simulator has, with the alias of what counts their events.
func datasets() map[string]string {
	return map[string]string{
		"workersInvocationsAdaptive": "sum{requests}", "pagesFunctionsInvocationsAdaptiveGroups": "sum{requests}",
		"r2OperationsAdaptiveGroups": "sum{requests}", "r2StorageAdaptiveGroups": "max{payloadSize}", "d1AnalyticsAdaptiveGroups": "sum{readQueries}",
		"d1StorageAdaptiveGroups": "max{databaseSizeBytes}", "kvOperationsAdaptiveGroups": "sum{requests}", "kvStorageAdaptiveGroups": "max{byteCount}",
		"aiInferenceAdaptiveGroups": "sum{totalRequestBytesIn}", "queueBacklogAdaptiveGroups": "avg{messages}",
		"queueMessageOperationsAdaptiveGroups": "sum{billableOperations}", "durableObjectsInvocationsAdaptiveGroups": "sum{requests}",
		"durableObjectsPeriodicGroups": "sum{cpuTime}",
	}
}

// fields are the columns of a dataset by group, as its settings name them.
func fields(t *testing.T, c sim.Cloud, dataset string) map[string][]string {
	t.Helper()
	_, a := ask(t, c, query(`settings{`+dataset+`{availableFields}}`), map[string]any{"a": c.Truth().Accounts[0]})
	if len(a.Errors) > 0 {
		t.Fatal(a.Errors)
	}
	var settings map[string]struct{ AvailableFields []string }
	if err := json.Unmarshal(a.Data.Viewer.Accounts[0]["settings"], &settings); err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, f := range settings[dataset].AvailableFields {
		group, name, found := strings.Cut(f, "_")
		if !found {
			group, name = "", f
		}
		out[group] = append(out[group], name)
	}
	return out
}

// timeOf is the time that a dataset can be filtered by.
func timeOf(columns map[string][]string) string {
	if slices.Contains(columns["dimensions"], "datetime") {
		return "datetime"
	}
	return "datetimeHour"
}

// TestEveryTimeDimensionCutsTheSameWhole groups each dataset that counts by each of its times; every row is rounded.
func TestEveryTimeDimensionCutsTheSameWhole(t *testing.T) {
	t.Parallel()
	c := world(300)
	account := map[string]any{"a": c.Truth().Accounts[0]}
	lengths := map[string]time.Duration{
		"datetimeMinute": time.Minute, "datetimeFiveMinutes": 5 * time.Minute, "datetimeFifteenMinutes": 15 * time.Minute,
		"datetimeHour": time.Hour, "datetimeSixHours": 6 * time.Hour, "date": 24 * time.Hour,
	}
	for dataset, measure := range datasets() {
		name, isSum := strings.CutPrefix(strings.TrimSuffix(measure, "}"), "sum{")
		if !isSum {
			continue
		}
		columns := fields(t, c, dataset)
		at := timeOf(columns)
		get := func(group string) []map[string]map[string]any {
			_, a := ask(t, c, query(fmt.Sprintf(`x:%s(limit:10000,filter:{%s_geq:"2026-11-01T00:00:00Z",%s_lt:"2026-11-01T12:00:00Z"}){%s%s}`, dataset, at, at, group, measure)), account)
			return rowsOf(t, a, "x")
		}
		want := total(get(""), name)
		for dimension, length := range lengths {
			if !slices.Contains(columns["dimensions"], dimension) {
				continue
			}
			rows := get("dimensions{" + dimension + "}")
			if got := total(rows, name); got < 0.97*want || got > 1.03*want || want == 0 {
				t.Errorf("%s by %s: adds up to %v, want %v", dataset, dimension, got, want)
			}
			if most := int(12*time.Hour/length) + 1; len(rows) > most {
				t.Errorf("%s by %s: got %d rows of twelve hours, at most %d", dataset, dimension, len(rows), most)
			}
			for _, r := range rows {
				stamp := fmt.Sprint(r["dimensions"][dimension])
				when, err := time.Parse(time.RFC3339, stamp)
				if dimension == "date" {
					when, err = time.Parse(time.DateOnly, stamp)
				}
				if err != nil || !when.Equal(when.Truncate(length)) {
					t.Errorf("%s by %s: got %q, %v", dataset, dimension, stamp, err)
				}
			}
		}
	}
}

// TestOrdersAndLimitsKeepTheFirst reads each order in both directions, whole and cut.
func TestOrdersAndLimitsKeepTheFirst(t *testing.T) {
	t.Parallel()
	c := world(300)
	account := map[string]any{"a": c.Truth().Accounts[0]}
	get := func(order string, limit int) []string {
		_, a := ask(t, c, query(fmt.Sprintf(`x:workersInvocationsAdaptive(limit:%d,filter:{SPAN},orderBy:[%s]){
			sum{requests errors} quantiles{cpuTimeP50} dimensions{scriptName}}`, limit, order)), account)
		var names []string
		for _, r := range rowsOf(t, a, "x") {
			names = append(names, fmt.Sprint(r["dimensions"]["scriptName"]))
		}
		return names
	}
	for _, by := range []string{"sum_requests", "sum_errors", "quantiles_cpuTimeP50", "scriptName"} {
		down := get(by+"_DESC", 1000)
		if len(down) < 5 {
			t.Fatalf("only %d scripts", len(down))
		}
		for _, limit := range []int{1, 2, len(down) - 1, len(down)} {
			if got := get(by+"_DESC", limit); !slices.Equal(got, down[:limit]) {
				t.Errorf("%s: the first %d are %v, want %v", by, limit, got, down[:limit])
			}
		}
		up := get(by+"_ASC", 1000)
		if slices.Sort(up); len(up) != len(down) {
			t.Errorf("%s: %d upwards and %d downwards", by, len(up), len(down))
		}
	}
	if up, down := get("scriptName_ASC", 1000), get("scriptName_DESC", 1000); !slices.IsSorted(up) || slices.Equal(up, down) {
		t.Errorf("by name: got %v up and %v down", up, down)
	}
}

// TestReadingsAreThoseOfTheTruth compares the sums of a quarter of an hour with what the truth says of each resource.
func TestReadingsAreThoseOfTheTruth(t *testing.T) {
	t.Parallel()
	c := world(300)
	truth := c.Truth()
	tests := []struct {
		service, dataset, dimension, prefix, metric, sum string
	}{
		{"workers", "workersInvocationsAdaptive", "scriptName", "workers/scripts/", "requests_per_second", "requests"},
		{"workers", "workersInvocationsAdaptive", "scriptName", "workers/scripts/", "errors_per_second", "errors"},
		{"r2", "r2OperationsAdaptiveGroups", "bucketName", "r2/buckets/", "requests_per_second", "requests"},
		{"kv", "kvOperationsAdaptiveGroups", "namespaceId", "", "requests_per_second", "requests"},
		{"durable_objects", "durableObjectsInvocationsAdaptiveGroups", "namespaceId", "", "errors_per_second", "errors"},
		{"ai", "aiInferenceAdaptiveGroups", "modelId", "ai/models/", "neurons_per_second", "totalNeurons"},
		{"queues", "queueMessageOperationsAdaptiveGroups", "queueId", "", "billable_operations_per_second", "billableOperations"},
	}
	for _, tt := range tests {
		_, a := ask(t, c, query(fmt.Sprintf(`x:%s(limit:10000,filter:{datetime_geq:"2026-11-01T11:40:00Z",datetime_lt:"2026-11-01T11:55:00Z"}){
			sum{%s} dimensions{%s}}`, tt.dataset, tt.sum, tt.dimension)), map[string]any{"a": truth.Accounts[0]})
		got := map[string]float64{}
		for _, r := range rowsOf(t, a, "x") {
			got[tt.prefix+fmt.Sprint(r["dimensions"][tt.dimension])] = r["sum"][tt.sum].(float64) / 900
		}
		n := 0
		for _, r := range truth.Resources {
			want, measured := r.Metrics[tt.metric]
			if r.Account != truth.Accounts[0] || r.Service != tt.service || !measured {
				continue
			}
			if n++; got[r.ID] < want*0.999999 || got[r.ID] > want*1.000001 {
				t.Errorf("%s of %s: got %v, want %v", tt.metric, r.ID, got[r.ID], want)
			}
		}
		if n == 0 {
			t.Errorf("no %s is measured by %s", tt.service, tt.metric)
		}
	}
}

// TestOneQueryAnswersSeveralOperationsByName sends two operations and names the one to run.
func TestOneQueryAnswersSeveralOperationsByName(t *testing.T) {
	t.Parallel()
	c := world(5)
	for name, want := range map[string]string{"": `"budget"`, "A": `"budget"`, "B": `"cost"`, "C": `"budget"`} {
		body, err := json.Marshal(map[string]any{"query": `query A{viewer{budget}} query B{cost}`, "operationName": name})
		if err != nil {
			t.Fatal(err)
		}
		if w := call(t, c, "POST", "/graphql", string(body)); w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("operation %q: got %d %s, want %s", name, w.Code, w.Body, want)
		}
	}
	for _, body := range []string{``, `[]`, `{"query":7}`, `{`} {
		if w := call(t, c, "POST", "/graphql", body); w.Code != 400 || !strings.Contains(w.Body.String(), "error parsing args") && !strings.Contains(w.Body.String(), "no operation") {
			t.Errorf("%q: got %d %s", body, w.Code, w.Body)
		}
	}
}

// TestAnAccountsTokenQueriesItsAccountAlone asks for both accounts with the token that the first one owns.
func TestAnAccountsTokenQueriesItsAccountAlone(t *testing.T) {
	t.Parallel()
	c := world(20)
	for i, account := range c.Truth().Accounts {
		body, err := json.Marshal(map[string]any{"query": query(`accountTag`), "variables": map[string]any{"a": account}})
		if err != nil {
			t.Fatal(err)
		}
		w := call(t, c, "POST", "/graphql", string(body), "Authorization", "Bearer "+cloudflaresim.AccountToken)
		if refused := strings.Contains(w.Body.String(), "not authorized for that account"); refused != (i > 0) {
			t.Errorf("account %d: got %d %s", i+1, w.Code, w.Body)
		}
	}
}
