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
	masters, bare, elsewhere := 0, 0, 0
	for _, r := range x.resources {
		n[r.kind.service]++
		if r.tags == nil {
			bare++
		}
		if r.region != "westeurope" {
			elsewhere++
		}
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
		`Resources | where array_length(properties.agentPoolProfiles) > 0 | project properties.agentPoolProfiles[0].name, tags['env'] // all`:                                               n["aks"],
		`Resources | where isnotempty(tags.owner) and isnull(tags.nothing) | take 2`:                                                                                                        2,
		`Resources | where properties.maxSizeBytes >= 1000 and properties.zoneRedundant == true | limit 1`:                                                                                  1,
		`Resources | extend x = coalesce(properties.nothing, location) | where x endswith 'eastus' | take 1`:                                                                                1,
		`Resources | project name | top 5 by name desc`:                                                                                                                                     5,
		`Resources | where type has_any ('virtualmachines', 'nothing') | where type !has 'sets'`:                                                                                            n["vms"],
		`Resources | where type matches regex '^microsoft[.]web/'`:                                                                                                                          n["functions"] + n["web_apps"],
		`Resources | summarize by location`:                                                                                                                                                 3,
		`Resources | where type =~ 'microsoft.containerservice/managedclusters' | mv-expand p = properties.agentPoolProfiles | where p.name == 'system'`:                                    n["aks"],
		`Resources | where isnull(tags) | mvexpand tags | project name`:                                                                                                                     bare,
		`ResourceContainers | where type == 'microsoft.resources/subscriptions/resourcegroups'`:                                                                                             8,
		`Resources | join (ResourceContainers | where type endswith '/subscriptions' | project SubName=name, subscriptionId) on subscriptionId | where SubName startswith 'Contoso'`:        all,
		`Resources | project name, location | join kind=leftouter (ResourceContainers | where name == 'rg-Shop-Prod' | project location, g=name) on location | where isnull(g)`:             elsewhere,
		`Resources | project name, location | join kind=inner (ResourceContainers | where name == 'rg-Shop-Prod' | project location, g=name) on location | distinct g`:                      1,
		`Resources | summarize n=count() by subscriptionId | join (ResourceContainers | where name has 'AI Lab' | project subscriptionId) on subscriptionId | project-away subscriptionId1`: 1,
	} {
		status, rows, answer := x.ask(t, query, nil)
		if status != 200 || len(rows) != want {
			t.Errorf("%s: got HTTP %d with %d rows, want %d: %s", query, status, len(rows), want, code(answer))
		}
	}
}

func TestFunctionsAndAggregatesOfQueries(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 40}})
	s := x.subscriptions[0]
	one := `ResourceContainers | where type =~ 'microsoft.resources/subscriptions/resourcegroups' and subscriptionId == '` + s.id + `' | `
	for query, want := range map[string]string{ // Kusto's documentation of each function
		`top 1 by name asc | project x=strcat(name, '/', location)`:                                                                               `[{"x":"rg-Data-Prod/westeurope"}]`,
		`top 1 by name asc | project x=split(name, '-')`:                                                                                          `[{"x":["rg","Data","Prod"]}]`,
		`top 1 by name asc | project x=split(name, '-', 1), y=split(name, '-', 9)`:                                                                `[{"x":["Data"],"y":[]}]`,
		`top 1 by name asc | extend p=split(id, '/') | project p[2]`:                                                                              `[{"p_2":"` + s.id + `"}]`,
		`top 1 by name asc | project x=split(name, '-')[2], y=properties[tostring(bag_keys(properties)[0])]`:                                      `[{"x":"Prod","y":"Succeeded"}]`,
		`top 1 by name asc | project x=split(name, '-')[9], y=properties[name], z=name[0], e=properties['x'].y`:                                   `[{"e":null,"x":null,"y":null,"z":null}]`,
		`top 1 by name asc | project x=iff(location == 'westeurope', 'here', 'there')`:                                                            `[{"x":"here"}]`,
		`top 1 by name asc | project x=iif(location == 'eastus', 'here', 'there')`:                                                                `[{"x":"there"}]`,
		`top 1 by name asc | project x=case(name has 'edge', 1, name has 'data', 2, 3)`:                                                           `[{"x":2}]`,
		`top 1 by name asc | project x=case(name has 'edge', 1, name has 'shop', 2, 3)`:                                                           `[{"x":3}]`,
		`top 1 by name asc | project x=bag_keys(properties), y=bag_keys(name)`:                                                                    `[{"x":["provisioningState"],"y":null}]`,
		`top 1 by name asc | project x=strlen(name), y=toint('12'), z=toint('x'), d=todouble('1.5')`:                                              `[{"d":1.5,"x":12,"y":12,"z":null}]`,
		`top 1 by name asc | project x=todouble('x'), y=tobool('true'), z=todynamic(properties)`:                                                  `[{"x":null,"y":true,"z":{"provisioningState":"Succeeded"}}]`,
		`top 1 by name asc | project x=coalesce(tags, location), y=coalesce(tags)`:                                                                `[{"x":"westeurope","y":null}]`,
		`top 1 by name asc | project-away id, properties, tags | project name`:                                                                    `[{"name":"rg-Data-Prod"}]`,
		`summarize n=count(), countif(name has 'shop'), dcount(location), min(name), max(name)`:                                                   `[{"countif_":1,"dcount_location":1,"max_name":"rg-Shop-Prod","min_name":"rg-Data-Prod","n":3}]`,
		`summarize sum(strlen(name)), avg(strlen(name)) by location`:                                                                              `[{"avg_name":12,"location":"westeurope","sum_name":36}]`,
		`summarize make_set(location), make_list(name), any(kind)`:                                                                                `[{"any_kind":"","make_list_name":["rg-Shop-Prod","rg-Data-Prod","rg-Edge-Prod"],"make_set_location":["westeurope"]}]`,
		`summarize min(tags), take_any(tags), sum(tags), avg(tags)`:                                                                               `[{"avg_tags":null,"min_tags":null,"sum_tags":0,"take_any_tags":null}]`,
		`where name == 'nobody' | summarize n=count() by name`:                                                                                    `[]`,
		`top 1 by name asc | extend n=1 | mv-expand p=split(name, '-') | summarize make_list(p)`:                                                  `[{"make_list_p":["rg","Data","Prod"]}]`,
		`top 1 by name asc | mv-expand properties | project properties`:                                                                           `[{"properties":{"provisioningState":"Succeeded"}}]`,
		`top 1 by name asc | project a=name, b=location | join (ResourceContainers | where name =~ 'RG-DATA-prod' | project a=name, b=type) on a`: `[{"a":"rg-Data-Prod","a1":"rg-Data-Prod","b":"westeurope","b1":"microsoft.resources/subscriptions/resourcegroups"}]`,
	} {
		_, rows, answer := x.ask(t, one+query, nil)
		got, _ := json.Marshal(rows)
		if string(got) != want {
			t.Errorf("%s\n got %s %s\nwant %s", query, got, code(answer), want)
		}
	}
}

func TestFacetsCountTheResult(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	groups := `ResourceContainers | where type endswith 'resourcegroups' | project name, location`
	for name, tt := range map[string]struct {
		facet, format string
		want          string
	}{
		"by a column": {`{"expression":"location"}`, "", `{"expression":"location","resultType":"FacetResult","totalRecords":2,"count":2,
			"data":[{"location":"westeurope","count":6},{"location":"eastus","count":2}]}`},
		"the fewest first": {`{"expression":"location","options":{"sortOrder":"asc"}}`, "", `{"expression":"location","resultType":"FacetResult","totalRecords":2,"count":2,
			"data":[{"location":"eastus","count":2},{"location":"westeurope","count":6}]}`},
		"the first of them": {`{"expression":"location","options":{"$top":1}}`, "", `{"expression":"location","resultType":"FacetResult","totalRecords":2,"count":1,
			"data":[{"location":"westeurope","count":6}]}`},
		"by the name": {`{"expression":"location","options":{"sortBy":"location","sortOrder":"asc"}}`, "", `{"expression":"location","resultType":"FacetResult","totalRecords":2,"count":2,
			"data":[{"location":"eastus","count":2},{"location":"westeurope","count":6}]}`},
		"of some": {`{"expression":"location","options":{"filter":"name startswith 'rg-D' or name == 'rg-training'"}}`, "", `{"expression":"location","resultType":"FacetResult","totalRecords":2,"count":2,
			"data":[{"location":"westeurope","count":2},{"location":"eastus","count":1}]}`},
		"by an expression": {`{"expression":"short=substringof('east', location)"}`, "", `{"expression":"short=substringof('east', location)","resultType":"FacetResult","totalRecords":2,"count":2,
			"data":[{"short":false,"count":6},{"short":true,"count":2}]}`},
		"as a table": {`{"expression":"location","options":{"$top":1}}`, "table", `{"expression":"location","resultType":"FacetResult","totalRecords":2,"count":1,
			"data":{"columns":[{"name":"location","type":"string"},{"name":"count","type":"integer"}],"rows":[["westeurope",6]]}}`},
		"by a column that is not there": {`{"expression":"nosuch"}`, "", `{"expression":"nosuch","resultType":"FacetError","errors":[
			{"code":"NoValidColumns","message":"No valid columns in facet expression."},
			{"code":"InvalidColumnNames","message":"Failed to resolve scalar expression named 'nosuch'"}]}`},
		"by nothing": {`{"expression":""}`, "", `{"expression":"","resultType":"FacetError","errors":[
			{"code":"NoValidColumns","message":"No valid columns in facet expression."},{"code":"InvalidColumnNames","message":"syntax error at \"|\" (37)"}]}`},
	} {
		x.now = x.now.Add(time.Second)
		body := fmt.Sprintf(`{"query":%q,"facets":[%s],"options":{"$top":1,"resultFormat":%q}}`, groups, tt.facet, tt.format)
		status, _, answer := x.send(t, "POST", graphURL, x.mint(armAudience), body)
		got, _ := json.Marshal(at(answer, "facets", 0))
		if status != 200 || answer["totalRecords"] != 8.0 || answer["count"] != 1.0 || !sameJSON(string(got), tt.want) {
			t.Errorf("%s: got HTTP %d %s\nwant %s", name, status, got, tt.want)
		}
	}
}

func TestOlderVersionsAnswerWithTablesUnlessAsked(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	for _, tt := range []struct {
		version, format string
		table           bool
	}{
		{"2018-09-01-preview", "", true}, {"2019-04-01", "", true}, {"2019-04-01", "objectArray", false}, {"2020-04-01-preview", "", false},
		{"2021-03-01", "", false}, {"2024-04-01", "", false}, {"2024-04-01", "table", true},
	} {
		x.now = x.now.Add(time.Second)
		target := strings.Replace(graphURL, "2024-04-01", tt.version, 1)
		_, _, answer := x.send(t, "POST", target, x.mint(armAudience), `{"query":"Resources | project id","options":{"resultFormat":"`+tt.format+`"}}`)
		if _, isTable := answer["data"].(map[string]any); isTable != tt.table || answer["data"] == nil {
			t.Errorf("%s %q: a table: %v, want %v", tt.version, tt.format, isTable, tt.table)
		}
	}
}

func TestQueriesThatMultiplyRowsAreBounded(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 400}})
	for _, query := range []string{
		`Resources | extend k=1 | project k | join (Resources | extend k=1 | project k) on k`,
		`Resources | extend p=split('a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p', ',') | project p | mv-expand a=p | mv-expand b=p | mv-expand c=p`,
	} {
		if status, _, answer := x.ask(t, query, nil); status != 400 || code(answer) != "InvalidQuery" {
			t.Errorf("%s: got HTTP %d %q, want 400: it would take all memory", query, status, code(answer))
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
		{`{"query":"Resources | summarize median(name)"}`, "InvalidQuery"},
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
		body, _ := json.Marshal(map[string]any{"subscriptions": tt.asked, "query": "ResourceContainers | where type endswith '/subscriptions'"})
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
	c.Fill()
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
