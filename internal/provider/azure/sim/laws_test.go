package azuresim

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// countOf is how many rows a query has in all.
func (x *tenant) countOf(t *testing.T, query string) int {
	t.Helper()
	status, _, answer := x.ask(t, query, map[string]any{"$top": 1})
	if status != http.StatusOK {
		t.Errorf("%s: got HTTP %d %v", query, status, answer)
		return -1
	}
	return int(answer["totalRecords"].(float64))
}

// TestQueriesObeyTheLawsOfKusto holds for every predicate what must hold of any.
func TestQueriesObeyTheLawsOfKusto(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 250}})
	all := x.countOf(t, "Resources")
	for _, predicate := range []string{
		"type =~ 'Microsoft.Compute/virtualMachines'", "type has 'virtualmachines'", "name contains 'a'", "name startswith 'w'", "name endswith '1'",
		"location == 'westeurope'", "location in ('westeurope', 'eastus')", "isnull(tags)", "isnotempty(tags.owner)", "kind contains 'linux'",
		"properties.provisioningState =~ 'succeeded'", "properties.storageProfile.osDisk.diskSizeGB > 31", "name matches regex '[0-9]$'", "name > 'm'",
		"tostring(properties) contains 'MARKER'", "strlen(name) >= 8", "array_length(properties.agentPoolProfiles) > 1", "true", "false",
		"iff(location == 'eastus', name has 'web', name has 'api')", "resourceGroup =~ 'rg-Shop-Prod' and location != 'eastus' or name == 'master'",
	} {
		is, not := x.countOf(t, "Resources | where "+predicate), x.countOf(t, "Resources | where not("+predicate+")")
		twice := x.countOf(t, "Resources | where "+predicate+" | where "+predicate)
		either := x.countOf(t, "Resources | where ("+predicate+") or not("+predicate+")")
		both := x.countOf(t, "Resources | where ("+predicate+") and not("+predicate+")")
		if is+not != all || twice != is || either != all || both != 0 {
			t.Errorf("%s: %d are, %d are not, %d twice, %d either, %d both, of %d", predicate, is, not, twice, either, both, all)
		}
		union := x.countOf(t, "Resources | where "+predicate+" | union (Resources | where not("+predicate+"))")
		join := x.countOf(t, "Resources | where "+predicate+" | project id | join (Resources | project id) on id")
		outer := x.countOf(t, "Resources | project id | join kind=leftouter (Resources | where "+predicate+" | project id) on id")
		if union != all || join != is || outer != all {
			t.Errorf("%s: a union has %d of %d, a join %d of %d, an outer join %d of %d", predicate, union, all, join, is, outer, all)
		}
	}
	for _, column := range []string{"location", "type", "subscriptionId", "tolower(resourceGroup)", "tostring(tags.env)", "properties.provisioningState", "strlen(name)"} {
		groups := x.countOf(t, "Resources | summarize by k="+column)
		distinct := x.countOf(t, "Resources | distinct k="+column)
		_, rows, _ := x.ask(t, "Resources | summarize n=count() by k="+column+" | summarize total=sum(n), groups=count()", nil)
		total, counted := at(rows, 0, "total"), at(rows, 0, "groups")
		if groups != distinct || total != float64(all) || counted != float64(groups) || groups < 2 {
			t.Errorf("by %s: %d groups, %d distinct, %v rows in %v groups", column, groups, distinct, total, counted)
		}
		_, up, _ := x.ask(t, "Resources | extend k="+column+" | order by k asc, id asc | project id", nil)
		_, down, _ := x.ask(t, "Resources | extend k="+column+" | sort by k desc, id desc | project id", nil)
		if slices.Reverse(down); fmt.Sprint(up) != fmt.Sprint(down) || len(up) != all {
			t.Errorf("by %s: up and down are not each other's reverse", column)
		}
		_, top, _ := x.ask(t, "Resources | extend k="+column+" | top 7 by k asc | project k", nil)
		_, first, _ := x.ask(t, "Resources | extend k="+column+" | order by k asc | take 7 | project k", nil)
		if fmt.Sprint(top) != fmt.Sprint(first) || len(top) != 7 {
			t.Errorf("top 7 by %s: got %v, want %v", column, top, first)
		}
	}
}

func TestTermsAreWholeWords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, term    string
		has, contains bool
	}{
		{"rg-Shop-Prod", "shop", true, true}, {"rg-Shop-Prod", "SHOP-prod", true, true}, {"rg-Shop-Prod", "sho", false, true}, {"rg-Shop-Prod", "hop", false, true},
		{"microsoft.compute/virtualmachines", "virtualmachines", true, true}, {"microsoft.compute/virtualmachinescalesets", "virtualmachines", false, true},
		{"microsoft.compute", "compute", true, true}, {"microsoft.compute", ".compute", true, true}, {"microsoft.compute", "microsoft.", true, true},
		{"aa ab a", "a", true, true}, {"aa ab", "a", false, true}, {"ab", "abc", false, false}, {"x1", "x", false, true}, {"x_1", "x", true, true},
		{"Größe 3", "größe", true, true}, {"Größen", "größe", false, true}, {"Größe", "ße", false, true}, {"", "", true, true}, {"a", "", true, true}, {"", "a", false, false},
	} {
		if has, contains := compare("has", tt.text, tt.term), compare("contains", tt.text, tt.term); has != tt.has || contains != tt.contains {
			t.Errorf("%q has %q: got %v, contains: %v", tt.text, tt.term, has, contains)
		}
	}
}

// TestPagesOfAQueryAtTheirEdges has 40 resources and asks around their end.
func TestPagesOfAQueryAtTheirEdges(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 40}})
	const query = "Resources | project id | order by id asc"
	all := len(x.resources)
	token := func(top, skip int) string {
		_, _, answer := x.ask(t, query, map[string]any{"$top": top, "$skip": skip})
		s, _ := answer["$skipToken"].(string)
		return s
	}
	for name, tt := range map[string]struct {
		options map[string]any
		rows    int
		more    bool
	}{
		"all":                          {nil, all, false},
		"exactly all":                  {map[string]any{"$top": all}, all, false},
		"all but one":                  {map[string]any{"$top": all - 1}, all - 1, true},
		"one more than all":            {map[string]any{"$top": all + 1}, all, false},
		"one":                          {map[string]any{"$top": 1}, 1, true},
		"after all but one":            {map[string]any{"$skip": all - 1}, 1, false},
		"after all":                    {map[string]any{"$skip": all}, 0, false},
		"after more than all":          {map[string]any{"$skip": all * 9}, 0, false},
		"before the first":             {map[string]any{"$skip": -3}, all, false},
		"the next page":                {map[string]any{"$top": 10, "$skipToken": token(10, 0)}, 10, true},
		"the next page, of other size": {map[string]any{"$top": 25, "$skipToken": token(10, 0)}, 25, true},
		"the last page":                {map[string]any{"$skipToken": token(10, all-15)}, 5, false},
		"a token counts more":          {map[string]any{"$skip": 1, "$skipToken": token(10, all-15)}, 5, false},
		"an empty token is none":       {map[string]any{"$skipToken": ""}, all, false},
		"null options":                 {map[string]any{"$top": nil, "$skipToken": nil, "resultFormat": nil}, all, false},
		"options of newer versions":    {map[string]any{"authorizationScopeFilter": "AtScopeAndBelow", "allowPartialScopes": true}, all, false},
	} {
		status, rows, answer := x.ask(t, query, tt.options)
		if _, more := answer["$skipToken"]; status != 200 || len(rows) != tt.rows || more != tt.more || answer["totalRecords"] != float64(all) || answer["count"] != float64(len(rows)) {
			t.Errorf("%s: got HTTP %d with %d rows, more: %v; want %d, %v", name, status, len(rows), more, tt.rows, tt.more)
		}
	}
	good := token(10, 0)
	for name, tt := range map[string]struct{ query, token, subscription string }{
		"cut off":                {query, good[:len(good)-1], ""},
		"of another query":       {query + " | where true", good, ""},
		"of other subscriptions": {query, good, x.subscriptions[1].id},
		"no number":              {query, writeToken(0, fingerprint(query, nil))[:8], ""},
		"of a list":              {query, writeToken(10, fingerprint("/subscriptions", nil)), ""},
	} {
		body := map[string]any{"query": tt.query, "options": map[string]any{"$skipToken": tt.token}}
		if tt.subscription != "" {
			body["subscriptions"] = []string{tt.subscription}
		}
		data, _ := json.Marshal(body)
		x.now = x.now.Add(time.Second)
		if status, _, answer := x.send(t, "POST", graphURL, x.mint(armAudience), string(data)); status != 400 || code(answer) != "InvalidSkipToken" {
			t.Errorf("a token %s: got HTTP %d %q", name, status, code(answer))
		}
	}
}

// TestEveryRowIsOnOnePage follows tokens through pages of several sizes, over some subscriptions.
func TestEveryRowIsOnOnePage(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 130}})
	some := []string{x.subscriptions[0].id, x.subscriptions[2].id}
	want := 0
	for _, r := range x.resources {
		if slices.Contains(some, r.sub.id) {
			want++
		}
	}
	for _, size := range []int{7, 50, want, 1000} {
		ids, token, pages := map[any]bool{}, "", 0
		for {
			data, _ := json.Marshal(map[string]any{
				"subscriptions": some, "query": "Resources | order by name desc, id asc | project id, subscriptionId", "options": map[string]any{"$top": size, "$skipToken": token},
			})
			x.now = x.now.Add(time.Second)
			_, _, answer := x.send(t, "POST", graphURL, x.mint(armAudience), string(data))
			for _, row := range answer["data"].([]any) {
				ids[at(row, "id")] = true
				if sub := at(row, "subscriptionId"); sub != some[0] && sub != some[1] {
					t.Errorf("got a row of %v", sub)
				}
			}
			pages++
			if token, _ = answer["$skipToken"].(string); token == "" {
				break
			}
		}
		if len(ids) != want || pages != (want+size-1)/size {
			t.Errorf("by %d: got %d rows on %d pages, want %d", size, len(ids), pages, want)
		}
	}
}

// TestStepsOfMetricsAddUp compares steps of every length with their minutes.
func TestStepsOfMetricsAddUp(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 100}})
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }
	for _, service := range []string{"vms", "web_apps", "postgresql", "container_apps"} {
		r := x.some(t, service, 1)[0]
		name := url.QueryEscape(r.kind.metrics[0].name)
		points := func(step string) []any {
			status, body := x.metricsOf(t, r.id, "metricnames="+name+"&aggregation=average,total,maximum,minimum,count&timespan=2026-11-01T00:00:00Z/2026-11-01T06:00:00Z&interval="+step)
			data, _ := at(body, "value", 0, "timeseries", 0, "data").([]any)
			if status != 200 || len(data) == 0 {
				t.Fatalf("%s by %s: got HTTP %d %v", service, step, status, body)
			}
			return data
		}
		minutes := points("PT1M")
		for step, length := range map[string]int{"PT5M": 5, "PT15M": 15, "PT30M": 30, "PT1H": 60, "PT6H": 360} {
			data := points(step)
			if len(data) != 360/length {
				t.Errorf("%s by %s: got %d points", service, step, len(data))
			}
			for i, p := range data {
				total, least, most := 0.0, math.Inf(1), 0.0
				for _, m := range minutes[i*length : (i+1)*length] {
					total += at(m, "total").(float64)
					least, most = min(least, at(m, "minimum").(float64)), max(most, at(m, "maximum").(float64))
				}
				if !near(at(p, "total").(float64), total) || !near(at(p, "average").(float64), total/float64(length)) || at(p, "minimum") != least ||
					at(p, "maximum") != most || at(p, "count") != float64(length) || at(p, "timeStamp") != at(minutes[i*length], "timeStamp") {
					t.Errorf("%s by %s: got %v, want total %v between %v and %v", service, step, p, total, least, most)
				}
			}
		}
	}
}

// TestPricesArePagedByTheirLinks follows the links of several filters and counts by hand what they must hold.
func TestPricesArePagedByTheirLinks(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	for filter, keep := range map[string]func(*priceItem) bool{
		"":                                 func(*priceItem) bool { return true },
		"armRegionName eq 'westeurope'":    func(it *priceItem) bool { return it.ArmRegionName == "westeurope" },
		"not(armRegionName eq 'eastus')":   func(it *priceItem) bool { return it.ArmRegionName != "eastus" },
		"priceType ne 'Consumption'":       func(it *priceItem) bool { return it.Type != "Consumption" },
		"contains(skuName, 'spot')":        func(it *priceItem) bool { return strings.Contains(it.SKUName, "Spot") },
		"endswith(productName, 'Windows')": func(it *priceItem) bool { return strings.HasSuffix(it.ProductName, "Windows") },
		"SERVICENAME eq 'Storage'":         func(it *priceItem) bool { return it.ServiceName == "Storage" },
		"substringof('NC', armSkuName)":    func(it *priceItem) bool { return strings.Contains(it.ArmSKUName, "NC") },
		"armSkuName gt 'Standard_F' and armSkuName lt 'Standard_O'": func(it *priceItem) bool { return it.ArmSKUName > "Standard_F" && it.ArmSKUName < "Standard_O" },
		"armRegionName eq 'eastus' or armRegionName eq 'northeurope' and priceType eq 'Reservation'": func(it *priceItem) bool {
			return it.ArmRegionName == "eastus" || it.ArmRegionName == "northeurope" && it.Type == "Reservation"
		},
		"(armRegionName eq 'eastus' or armRegionName eq 'northeurope') and priceType eq 'Reservation'": func(it *priceItem) bool {
			return (it.ArmRegionName == "eastus" || it.ArmRegionName == "northeurope") && it.Type == "Reservation"
		},
		"meterName eq 'nothing'": func(*priceItem) bool { return false },
	} {
		want := 0
		for _, it := range priceList() {
			if keep(&it) {
				want++
			}
		}
		target := "https://" + pricesHost + "/api/retail/prices?api-version=2023-01-01-preview"
		if filter != "" {
			target += "&$filter=" + url.QueryEscape(filter)
		}
		got, pages := 0, 0
		for target != "" && pages < 50 {
			status, _, body := x.send(t, "GET", target, "", "")
			items, _ := body["Items"].([]any)
			got += len(items)
			pages++
			next, more := body["NextPageLink"].(string)
			if status != 200 || body["Count"] != float64(len(items)) || len(items) > retailPage || more && len(items) != retailPage {
				t.Fatalf("%s: page %d: HTTP %d with %d items, count %v", filter, pages, status, len(items), body["Count"])
			}
			if more && (!strings.HasPrefix(next, "https://"+pricesHost+":443/api/retail/prices?") || !strings.Contains(next, "api-version=2023-01-01-preview")) {
				t.Errorf("%s: the link to the next page is %s", filter, next)
			}
			target = strings.Replace(next, ":443", "", 1)
		}
		if got != want || pages != max(1, (want+retailPage-1)/retailPage) {
			t.Errorf("%s: got %d prices on %d pages, want %d", filter, got, pages, want)
		}
	}
	total := len(priceList())
	for skip, want := range map[string]int{
		"0": retailPage, "1": retailPage, fmt.Sprint(total - 1): 1, fmt.Sprint(total): 0, fmt.Sprint(total + 1): 0, "99999999": 0, "-1": -1, "1.5": -1, "": retailPage,
	} {
		status, _, body := x.send(t, "GET", "https://"+pricesHost+"/api/retail/prices?$skip="+skip, "", "")
		items, _ := body["Items"].([]any)
		if (status == 400) != (want < 0) || want >= 0 && len(items) != want {
			t.Errorf("$skip=%s: got HTTP %d with %d items, want %d", skip, status, len(items), want)
		}
	}
}

// FuzzTokens checks that a token that was written is read, and by its own list alone.
func FuzzTokens(f *testing.F) {
	f.Add("Resources", 10, "eC4xMA==")
	f.Add("", -1, "!")
	f.Fuzz(func(t *testing.T, text string, from int, other string) {
		mark := fingerprint(text, nil)
		if n, ok := readToken(writeToken(from, mark), mark); !ok || n != from {
			t.Errorf("%q from %d: got %d, %v", text, from, n, ok)
		}
		if _, ok := readToken(writeToken(from, mark), fingerprint(text+"x", nil)); ok {
			t.Errorf("%q: its token is another's too", text)
		}
		if n, ok := readToken(other, mark); ok && writeToken(n, mark) == "" {
			t.Errorf("%q: read as %d", other, n)
		}
	})
}

// FuzzRequests checks that any body of a query is answered as JSON, within its page.
func FuzzRequests(f *testing.F) {
	for _, body := range []string{
		`{"query":"Resources","options":{"$top":3,"$skip":-1,"resultFormat":"table"},"facets":[{"expression":"location","options":{"$top":0,"filter":"x"}}]}`,
		`{"query":"Resources | take 0","subscriptions":null,"managementGroups":["a"]}`, `{"subscriptions":["x"]}`, `[]`, `{"options":{"$top":1e9}}`, `{"facets":[null]}`,
	} {
		f.Add(body)
	}
	tenant := fuzzed(f)
	f.Fuzz(func(t *testing.T, body string) {
		if len(body) > 2000 {
			return
		}
		c := tenant()
		r := request(http.MethodPost, managementHost, "/providers/Microsoft.ResourceGraph/resources", "api-version=2024-04-01", body)
		r.Header.Set("Authorization", "Bearer "+c.mint(armAudience))
		status, got := answer(t, c, r)
		if status != http.StatusOK {
			if status != http.StatusBadRequest || code(got) == "" {
				t.Errorf("%q: got HTTP %d %v", body, status, got)
			}
			return
		}
		rows, isArray := got["data"].([]any)
		if !isArray {
			rows, _ = at(got, "data", "rows").([]any)
		}
		if n, _ := got["count"].(float64); int(n) != len(rows) || n > got["totalRecords"].(float64) || n > graphPage {
			t.Errorf("%q: got %d rows, count %v of %v", body, len(rows), got["count"], got["totalRecords"])
		}
	})
}
