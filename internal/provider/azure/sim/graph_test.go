package azuresim

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// ask sends a query and returns status, rows and the whole answer.
func (x *tenant) ask(t *testing.T, query string, options map[string]any) (int, []any, map[string]any) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "options": options})
	if err != nil {
		t.Fatal(err)
	}
	x.now = x.now.Add(time.Second) // below the quota
	status, _, answer := x.send(t, "POST", graphURL, x.mint(armAudience), string(body))
	rows, _ := answer["data"].([]any)
	return status, rows, answer
}

func TestQueries(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 300}})
	n := map[string]int{}
	masters := 0
	for _, r := range x.resources {
		n[r.kind.service]++
		if r.kind.service == "vms" && r.state == "running" {
			n["running"]++
		}
		if r.system {
			masters++
		}
	}
	all := len(x.resources)
	for query, want := range map[string]int{
		`Resources`: all,
		`resources | where type =~ 'Microsoft.Compute/virtualMachines'`:                                                                  n["vms"],
		`Resources | where type in~ ("microsoft.compute/virtualmachines", 'Microsoft.Web/sites')`:                                        n["vms"] + n["functions"] + n["web_apps"],
		`Resources | where type == 'microsoft.web/sites' and kind contains 'functionapp'`:                                                n["functions"],
		`Resources | where type == 'microsoft.web/sites' and not(kind contains 'functionapp')`:                                           n["web_apps"],
		`Resources | where type == 'microsoft.web/sites' and kind !contains 'functionapp'`:                                               n["web_apps"],
		`Resources | where tostring(properties.extended.instanceView.powerState.code) =~ 'PowerState/Running'`:                           n["running"],
		`Resources | extend power = properties.extended.instanceView.powerState.code | where power == 'PowerState/running' | project id`: n["running"],
		`Resources | where kind endswith 'system'`:                                                                                       masters,
		`Resources | where type !in ('microsoft.web/sites')`:                                                                             all - n["functions"] - n["web_apps"],
		`Resources | project id, name | union (ResourceContainers | where type =~ 'microsoft.resources/subscriptions')`:                  all + 3,
		`ResourceContainers | where type == 'microsoft.resources/subscriptions' | project name, subscriptionId`:                          3,
		`Resources | where location startswith 'north' or location has 'EAST' | count`:                                                   1,
		`Resources | summarize count() by subscriptionId`:                                                                                3,
		`Resources | summarize total = count() by tolower(type) | order by total desc`:                                                   7,
		`Resources | distinct location`: 3,
		`Resources | where array_length(properties.agentPoolProfiles) > 0 | project properties.agentPoolProfiles[0].name, tags['env'] // all`: n["aks"],
		`Resources | where isnotempty(tags.owner) and isnull(tags.nothing) | take 2`:                                                          2,
		`Resources | where properties.maxSizeBytes >= 1000 and properties.zoneRedundant == true | limit 1`:                                    1,
		`Resources | extend x = coalesce(properties.nothing, location) | where x endswith 'eastus' | take 1`:                                  1,
	} {
		status, rows, answer := x.ask(t, query, nil)
		if status != 200 || len(rows) != want {
			t.Errorf("%s: got HTTP %d with %d rows, want %d: %s", query, status, len(rows), want, code(answer))
		}
	}
}

func TestColumnsHaveKustosNames(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	_, rows, _ := x.ask(t, `Resources | where type =~ 'microsoft.compute/virtualmachines' | project id, vmSize = properties.hardwareProfile.vmSize, properties.osProfile.computerName, nothing=properties.none | order by id asc | take 1`, nil)
	row := rows[0].(map[string]any)
	for name, isThere := range map[string]bool{"id": true, "vmSize": true, "properties_osProfile_computerName": true, "nothing": false} {
		if v, ok := row[name]; !ok || (v != nil) != isThere {
			t.Errorf("column %s: got %v (%v) in %v", name, v, ok, row)
		}
	}
	if len(row) != 4 {
		t.Errorf("got %v, want four columns", row)
	}
	_, rows, _ = x.ask(t, `Resources | where name == 'master' or type == 'microsoft.compute/virtualmachines' | order by name desc`, nil)
	last := "~"
	for _, r := range rows {
		name := strings.ToLower(r.(map[string]any)["name"].(string))
		if name > last {
			t.Errorf("%s comes after %s", name, last)
		}
		last = name
	}
}

func TestPagesAndTables(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 2300}})
	seen := map[string]bool{}
	options := map[string]any{}
	sizes := []int{}
	const query = "Resources | where kind !contains 'system' | project id | order by id asc"
	for {
		_, rows, answer := x.ask(t, query, options)
		sizes = append(sizes, len(rows))
		for _, r := range rows {
			seen[r.(map[string]any)["id"].(string)] = true
		}
		if answer["totalRecords"] != 2300.0 || answer["resultTruncated"] != "false" || answer["count"] != float64(len(rows)) {
			t.Fatalf("got %v records, truncated %v", answer["totalRecords"], answer["resultTruncated"])
		}
		token, more := answer["$skipToken"]
		if !more {
			break
		}
		options["$skipToken"] = token
	}
	if fmt.Sprint(sizes) != "[1000 1000 300]" || len(seen) != 2300 {
		t.Errorf("got pages of %v with %d ids", sizes, len(seen))
	}
	if status, _, answer := x.ask(t, "Resources | project id", options); status != 400 || code(answer) != "InvalidSkipToken" {
		t.Errorf("a token of another query: got HTTP %d %q", status, code(answer))
	}
	if _, rows, answer := x.ask(t, "Resources | take 1500 | project id", nil); len(rows) != 1000 || answer["$skipToken"] != nil {
		t.Errorf("with take there is no next page: got %d rows and token %v", len(rows), answer["$skipToken"])
	}
	if _, rows, _ := x.ask(t, query, map[string]any{"$top": 5, "$skip": 2298}); len(rows) != 2 {
		t.Errorf("after $skip: got %d rows, want 2", len(rows))
	}
	_, _, answer := x.ask(t, "Resources | project id, sku, tags | take 3", map[string]any{"resultFormat": "table"})
	table, _ := answer["data"].(map[string]any)
	if len(table["columns"].([]any)) != 3 || len(table["rows"].([]any)) != 3 {
		t.Errorf("as a table: got %v", answer["data"])
	}
}

func TestBadQueriesAreRefused(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	for _, tt := range []struct{ body, code string }{
		{`{`, "InvalidRequestBody"},
		{`{"query":""}`, "InvalidQuery"},
		{`{"query":"Resources |"}`, "InvalidQuery"},
		{`{"query":"Resources | frobnicate"}`, "InvalidQuery"},
		{`{"query":"Resources | where (type == 'x'"}`, "InvalidQuery"},
		{`{"query":"Resources | where type === 'x'"}`, "InvalidQuery"},
		{`{"query":"Resources | where evil(type)"}`, "InvalidQuery"},
		{`{"query":"Resources | where nosuch == 'x'"}`, "InvalidQuery"},
		{`{"query":"Nowhere"}`, "InvalidQuery"},
		{`{"query":"Resources | take x"}`, "InvalidQuery"},
		{`{"query":"Resources | summarize max(name)"}`, "InvalidQuery"},
		{`{"query":"Resources","options":{"$top":0}}`, "InvalidTopValue"},
		{`{"query":"Resources","options":{"$top":1001}}`, "InvalidTopValue"},
		{`{"query":"Resources","options":{"resultFormat":"csv"}}`, "InvalidResultFormat"},
		{`{"query":"Resources","options":{"$skipToken":"!"}}`, "InvalidSkipToken"},
		{`{"query":"Resources","subscriptions":["x"]}`, "SubscriptionsContainInvalidGuids"},
		{`{"query":"Resources","subscriptions":["11111111-2222-4333-8444-555555555555"]}`, "NoValidSubscriptionsInQueryRequest"},
	} {
		x.now = x.now.Add(time.Second)
		status, _, body := x.send(t, "POST", graphURL, x.mint(armAudience), tt.body)
		if status != 400 || code(body) != tt.code {
			t.Errorf("%s: got HTTP %d %q, want 400 %q", tt.body, status, code(body), tt.code)
		}
	}
}

func TestUnreadableSubscriptionsAreLeftOutInSilence(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Incidents: true})
	good, denied := x.subscriptions[0].id, x.subscriptions[3].id
	for _, tt := range []struct {
		asked []string
		want  int
	}{{nil, 3}, {[]string{good, denied}, 1}, {[]string{strings.ToUpper(good)}, 1}} {
		body, _ := json.Marshal(map[string]any{"subscriptions": tt.asked, "query": "ResourceContainers"})
		status, _, answer := x.send(t, "POST", graphURL, x.mint(armAudience), string(body))
		if rows, _ := answer["data"].([]any); status != 200 || len(rows) != tt.want {
			t.Errorf("%v: got HTTP %d with %d rows, want %d", tt.asked, status, len(rows), tt.want)
		}
	}
}

func TestQueriesAreCounted(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	send := func() (int, string) {
		status, header, _ := x.send(t, "POST", graphURL, x.mint(armAudience), `{"query":"ResourceContainers"}`)
		return status, header.Get("X-Ms-User-Quota-Remaining") + " " + header.Get("X-Ms-User-Quota-Resets-After")
	}
	for i := range 16 {
		want, quota := 200, fmt.Sprintf("%d 00:00:05", 14-i)
		if i == 15 {
			want, quota = 429, "0 00:00:05"
		}
		if status, got := send(); status != want || got != quota {
			t.Errorf("query %d: got HTTP %d with %q, want %d with %q", i+1, status, got, want, quota)
		}
	}
	x.now = x.now.Add(5 * time.Second)
	if status, got := send(); status != 200 || got != "14 00:00:05" {
		t.Errorf("5 s later: got HTTP %d with %q", status, got)
	}
}

func FuzzQueries(f *testing.F) {
	for _, q := range []string{
		"Resources | where type in~ ('a', \"b\") and not(kind contains 'x') | project id, a=properties.b[0]['c'] | order by id asc, a desc nulls last",
		"Resources | extend x=1 | union kind=outer (ResourceContainers) | summarize n=count() by tolower(type) | take 3",
		"Resources | distinct location // comment\n| count",
	} {
		f.Add(q)
	}
	w := sim.NewWorld(sim.Options{Counts: map[string]int{"azure": 16}})
	c := New(w).(*cloud)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1000 {
			return
		}
		data, p := c.query(&graphRequest{Query: text})
		if p == nil && !json.Valid(data) {
			t.Errorf("%q: the answer is not JSON: %s", text, data)
		}
		if p != nil && p.status != 400 {
			t.Errorf("%q: HTTP %d", text, p.status)
		}
		if keep, err := odata(text); err == nil {
			keep(&record{cells: (&priceItem{}).cells()})
		}
	})
}
