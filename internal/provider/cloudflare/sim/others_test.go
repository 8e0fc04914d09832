package cloudflaresim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	cloudflaresim "github.com/adsops/cloudtop/internal/provider/cloudflare/sim"
	"github.com/adsops/cloudtop/internal/sim"
)

// rows reads a list that must succeed.
func rows(t testing.TB, c http.Handler, path string) (all []map[string]any, r reply) {
	t.Helper()
	w := call(t, c, http.MethodGet, path, "")
	if w.Code != http.StatusOK {
		t.Fatalf("%s: got %d %s", path, w.Code, w.Body)
	}
	r = read(t, w)
	if err := json.Unmarshal(r.Result, &all); err != nil {
		t.Fatalf("%s: %v in %s", path, err, r.Result)
	}
	return all, r
}

// one reads an object that must be there.
func one(t testing.TB, c http.Handler, path string) (v map[string]any) {
	t.Helper()
	w := call(t, c, http.MethodGet, path, "")
	if w.Code != http.StatusOK {
		t.Fatalf("%s: got %d %s", path, w.Code, w.Body)
	}
	if err := json.Unmarshal(read(t, w).Result, &v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

func column(all []map[string]any, name string) []string {
	out := []string{}
	for _, v := range all {
		out = append(out, fmt.Sprint(v[name]))
	}
	return out
}

// TestOneThingIsAsItsListHasIt compares every single thing with the list that it is in.
func TestOneThingIsAsItsListHasIt(t *testing.T) {
	t.Parallel()
	c := world(120)
	base := "/accounts/" + c.Truth().Accounts[0]
	for list, id := range map[string]string{
		"/storage/kv/namespaces": "id", "/queues": "queue_id", "/pages/projects": "name", "/d1/database": "uuid",
	} {
		all, _ := rows(t, c, base+list)
		if len(all) == 0 {
			t.Errorf("%s is empty", list)
		}
		for _, want := range all {
			got := one(t, c, base+list+"/"+strings.ReplaceAll(fmt.Sprint(want[id]), "é", "%C3%A9"))
			for field, v := range want {
				if fmt.Sprint(got[field]) != fmt.Sprint(v) {
					t.Errorf("%s %v: %s is %v, and %v in the list", list, want[id], field, got[field], v)
				}
			}
		}
	}
	if got := one(t, c, base); got["id"] != c.Truth().Accounts[0] {
		t.Errorf("got account %v", got["id"])
	}
}

func TestEveryPartOfAWorkerIsAnswered(t *testing.T) {
	t.Parallel()
	c := world(120)
	base := "/accounts/" + c.Truth().Accounts[0] + "/workers/scripts"
	all, _ := rows(t, c, base)
	scheduled := 0
	for _, s := range all {
		path := base + "/" + strings.ReplaceAll(fmt.Sprint(s["id"]), "ø", "%C3%B8")
		d := one(t, c, path+"/deployments")["deployments"].([]any)[0].(map[string]any)
		version := d["versions"].([]any)[0].(map[string]any)
		if d["created_on"] != s["modified_on"] || d["source"] != s["last_deployed_from"] || version["percentage"] != 100.0 {
			t.Errorf("%v: got deployment %v", s["id"], d)
		}
		crons := one(t, c, path+"/schedules")["schedules"].([]any)
		if (len(crons) > 0) != strings.Contains(fmt.Sprint(s["handlers"]), "scheduled") {
			t.Errorf("%v: handlers %v and schedules %v", s["id"], s["handlers"], crons)
		}
		scheduled += len(crons)
		bindings := one(t, c, path+"/settings")["bindings"].([]any)
		if secret := bindings[0].(map[string]any); secret["type"] != "secret_text" || secret["text"] != nil {
			t.Errorf("%v: a secret's text is told: %v", s["id"], secret)
		}
	}
	if scheduled == 0 {
		t.Error("no script is scheduled")
	}
	for _, part := range []string{"deployments", "schedules", "settings"} {
		if r := read(t, call(t, c, http.MethodGet, base+"/nobody/"+part, "")); r.Success || r.Errors[0].Code != 10007 {
			t.Errorf("%s of nobody: got %+v", part, r)
		}
	}
}

func TestListsAreFilteredAndOrderedAsAsked(t *testing.T) {
	t.Parallel()
	c := world(200)
	base := "/accounts/" + c.Truth().Accounts[0]
	scripts, _ := rows(t, c, base+"/workers/scripts")
	tagged := slices.DeleteFunc(slices.Clone(scripts), func(s map[string]any) bool { return !strings.Contains(fmt.Sprint(s["tags"]), "env:prod") })
	queues, _ := rows(t, c, base+"/queues")
	databases, _ := rows(t, c, base+"/d1/database")
	accounts, _ := rows(t, c, "/accounts")
	reversed := column(accounts, "id")
	slices.Reverse(reversed)
	tests := []struct {
		path, column string
		want         []string
	}{
		{base + "/workers/scripts?tags=env:prod:yes", "id", column(tagged, "id")},
		{base + "/workers/scripts?tags=env:prod:yes,team-edge:no", "id", []string{}},
		{base + "/workers/scripts?tags=nobody:no", "id", column(scripts, "id")},
		{base + "/queues?name=emails", "queue_name", []string{"emails"}},
		{base + "/queues?name=nobody", "queue_name", []string{}},
		{base + "/d1/database?name=" + fmt.Sprint(databases[0]["name"]), "uuid", column(databases[:1], "uuid")},
		{"/accounts?direction=desc", "id", reversed},
		{"/accounts?name=Acme", "id", column(accounts[:1], "id")},
		{base + "/queues/" + fmt.Sprint(queues[0]["queue_id"]) + "/consumers", "type", column(list(queues[0]["consumers"]), "type")},
		{base + "/hyperdrive/configs", "id", []string{}},
		{base + "/vectorize/v2/indexes", "name", []string{}},
		{base + "/ai-gateway/gateways", "id", []string{}},
		{base + "/workers/domains", "id", []string{}},
		{base + "/workers/dispatch/namespaces", "id", []string{}},
	}
	for _, tt := range tests {
		all, _ := rows(t, c, tt.path)
		if got := column(all, tt.column); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.path, got, tt.want)
		}
	}
}

func list(v any) []map[string]any {
	var out []map[string]any
	for _, e := range v.([]any) {
		out = append(out, e.(map[string]any))
	}
	return out
}

func TestTheNewerListOfWorkersIsOrderedAndPaged(t *testing.T) {
	t.Parallel()
	c := world(200)
	base := "/accounts/" + c.Truth().Accounts[0] + "/workers"
	scripts, _ := rows(t, c, base+"/scripts")
	for _, by := range []string{"name", "created_on", "updated_on", "deployed_on"} {
		up, r := rows(t, c, base+"/workers?per_page=100&order=asc&order_by="+by)
		down, _ := rows(t, c, base+"/workers?per_page=100&order_by="+by)
		a, b := column(up, by), column(down, by)
		slices.Reverse(b)
		if !slices.IsSorted(a) || !slices.Equal(a, b) || r.ResultInfo.TotalCount != len(scripts) || len(a) != min(100, len(scripts)) {
			t.Errorf("by %s: got %d of %d, sorted %v", by, len(a), r.ResultInfo.TotalCount, slices.IsSorted(a))
		}
	}
	usual, _ := rows(t, c, base+"/workers")
	if len(usual) != min(10, len(scripts)) {
		t.Errorf("without a size: got %d, want the usual ten", len(usual))
	}
	for _, query := range []string{"order_by=size", "order=up", "per_page=101", "per_page=0", "page=0", "page=x"} {
		if w := call(t, c, http.MethodGet, base+"/workers?"+query, ""); w.Code != 400 {
			t.Errorf("%s: got %d", query, w.Code)
		}
	}
}

func TestPartsOfOtherProductsHaveTheirErrors(t *testing.T) {
	t.Parallel()
	c := world(60)
	base := "/accounts/" + c.Truth().Accounts[0]
	spaces, _ := rows(t, c, base+"/storage/kv/namespaces")
	keys := base + "/storage/kv/namespaces/" + fmt.Sprint(spaces[0]["id"]) + "/keys"
	projects, _ := rows(t, c, base+"/pages/projects")
	deployments := base + "/pages/projects/" + fmt.Sprint(projects[0]["name"]) + "/deployments"
	tests := []struct {
		path         string
		status, code int
	}{
		{keys, 200, 0},
		{keys + "?limit=9", 400, 10024},
		{keys + "?limit=1001", 400, 10024},
		{base + "/storage/kv/namespaces/nobody/keys", 404, 10013},
		{deployments, 200, 0},
		{deployments + "?per_page=26", 400, 8000024},
		{base + "/pages/projects/nobody/deployments", 404, 8000007},
		{base + "/queues/nobody", 404, 11000},
		{base + "/queues/nobody/consumers", 404, 11000},
		{base + "/hyperdrive/configs?per_page=0", 400, 1004},
		{base + "/ai-gateway/gateways?per_page=4", 400, 1004},
		{base + "/billable/usage?from=2026-01-01&to=2026-03-01", 400, 10001},
		{base + "/billable/usage?from=soon", 400, 10001},
	}
	for _, tt := range tests {
		w := call(t, c, http.MethodGet, tt.path, "")
		r := read(t, w)
		if w.Code != tt.status || r.Success != (tt.code == 0) || tt.code != 0 && r.Errors[0].Code != tt.code {
			t.Errorf("%s: got %d %+v, want %d and code %d", tt.path, w.Code, r.Errors, tt.status, tt.code)
		}
	}
}

func TestDeploymentsOfAProjectAreThoseThatItShows(t *testing.T) {
	t.Parallel()
	c := world(200)
	base := "/accounts/" + c.Truth().Accounts[0] + "/pages/projects"
	projects, _ := rows(t, c, base)
	n := 0
	for _, p := range projects {
		if strings.Contains(fmt.Sprint(p["name"]), "é") {
			continue
		}
		all, _ := rows(t, c, base+"/"+fmt.Sprint(p["name"])+"/deployments")
		if (len(all) == 0) != (p["latest_deployment"] == nil) || len(all) > 0 && fmt.Sprint(all[0]) != fmt.Sprint(p["latest_deployment"]) {
			t.Errorf("%v: got %d deployments", p["name"], len(all))
		}
		preview, _ := rows(t, c, base+"/"+fmt.Sprint(p["name"])+"/deployments?env=preview")
		if len(preview) != 0 {
			t.Errorf("%v: got %d of the preview", p["name"], len(preview))
		}
		n += len(all)
	}
	if n == 0 {
		t.Error("nothing was ever deployed")
	}
}

func TestTheBacklogOfAQueueIsOfNow(t *testing.T) {
	t.Parallel()
	c := world(60)
	base := "/accounts/" + c.Truth().Accounts[0] + "/queues"
	queues, _ := rows(t, c, base)
	for _, q := range queues {
		m := one(t, c, base+"/"+fmt.Sprint(q["queue_id"])+"/metrics")
		count, size, oldest := m["backlog_count"].(float64), m["backlog_bytes"].(float64), m["oldest_message_timestamp_ms"].(float64)
		at := time.UnixMilli(int64(oldest))
		if count < 0 || size < count || (count == 0) != (oldest == 0) || oldest > 0 && (at.After(sim.Epoch) || sim.Epoch.Sub(at) > time.Hour) {
			t.Errorf("got %v", m)
		}
	}
}

// TestABillNeedsTheDayOnWhichItsCycleBegins is at noon of 1 November 2026; cycles begin on the tenth.
func TestABillNeedsTheDayOnWhichItsCycleBegins(t *testing.T) {
	t.Parallel()
	c := world(120)
	paid, free := "/accounts/"+c.Truth().Accounts[0], "/accounts/"+c.Truth().Accounts[1]
	tests := []struct {
		query string
		days  int // from the first to the last with a charge; 0 = no charge
		first string
	}{
		{"", 23, "2026-10-10"}, // the current cycle
		{"?from=2026-10-10&to=2026-10-13", 3, "2026-10-10"},
		{"?from=2026-10-09T00:00:00Z&to=2026-10-11T00:00:00Z", 2, "2026-10-09"},
		{"?from=2026-10-01&to=2026-11-01", 31, "2026-10-01"},
		{"?from=2026-10-11&to=2026-11-01", 0, ""},
		{"?from=2026-11-01&to=2026-11-01", 0, ""},
		{"?from=2026-10-10&to=2027-01-01", 23, "2026-10-10"}, // what is not yet is not charged
	}
	for _, tt := range tests {
		all, _ := rows(t, c, paid+"/billable-usage"+tt.query)
		days := column(all, "ChargePeriodStart")
		slices.Sort(days)
		days = slices.Compact(days)
		if len(days) != tt.days || tt.days > 0 && !strings.HasPrefix(days[0], tt.first) {
			t.Errorf("%q: got charges of %v, want %d days since %s", tt.query, days, tt.days, tt.first)
		}
		if all, _ := rows(t, c, free+"/billable-usage"+tt.query); len(all) != 0 {
			t.Errorf("%q: an account on the free plan is charged: %v", tt.query, all)
		}
	}
	if info := one(t, c, paid+"/billable-usage/info"); info["covered"] != true || !strings.Contains(fmt.Sprint(info["subscriptions"]), "-10T00:00:00Z") {
		t.Errorf("got %v, want a subscription whose cycle begins on the tenth", info)
	}
	if info := one(t, c, free+"/billable-usage/info"); info["covered"] != false {
		t.Errorf("got %v of the free plan", info)
	}
}

func TestChargesAddUpByProduct(t *testing.T) {
	t.Parallel()
	c := world(120)
	base := "/accounts/" + c.Truth().Accounts[0]
	all, _ := rows(t, c, base+"/billable-usage")
	sums := map[string]float64{}
	for _, row := range all {
		product := fmt.Sprint(row["ServiceName"])
		sums[product] += row["ContractedCost"].(float64)
		if got := row["CumulatedContractedCost"].(float64); got != sums[product] || row["BillingCurrency"] != "USD" || row["ConsumedUnit"] == "" {
			t.Errorf("%s: got %v cumulated, want %v", product, got, sums[product])
		}
	}
	if len(sums) < 5 {
		t.Errorf("only %d products are charged", len(sums))
	}
}

// TestTheSecondFormOfTheBillHasUsageAlone compares it with the first, over the same days.
func TestTheSecondFormOfTheBillHasUsageAlone(t *testing.T) {
	t.Parallel()
	c := world(120)
	paid, free := "/accounts/"+c.Truth().Accounts[0], "/accounts/"+c.Truth().Accounts[1]
	const span = "?from=2026-10-10&to=2026-10-20"
	bill, _ := rows(t, c, paid+"/billable-usage"+span)
	usage, _ := rows(t, c, paid+"/billable/usage"+span)
	if len(usage) != len(bill) || len(bill) == 0 {
		t.Fatalf("got %d rows of usage, want %d", len(usage), len(bill))
	}
	for i, row := range usage {
		for column := range row {
			if strings.Contains(column, "Cost") || strings.Contains(column, "Pric") || strings.Contains(column, "Currency") {
				t.Errorf("got %s, which is not filled in yet", column)
			}
		}
		if row["ConsumedQuantity"] != bill[i]["ConsumedQuantity"] || row["x_BillableMetricName"] != bill[i]["ServiceName"] {
			t.Errorf("got %v, want the usage of %v", row, bill[i])
		}
	}
	if got, _ := rows(t, c, free+"/billable/usage"); len(got) == 0 {
		t.Error("a free plan's usage is left out")
	}
	for _, row := range usageOf(t, c, paid+"/billable/usage") {
		if row != "2026-11-01T00:00:00Z" {
			t.Errorf("without a range: got a charge of %s, want the month's alone", row)
		}
	}
	tooLong := read(t, call(t, c, http.MethodGet, paid+"/billable/usage?from=2026-10-01&to=2026-11-02", ""))
	if whole, _ := rows(t, c, paid+"/billable/usage?from=2026-10-01&to=2026-11-01"); tooLong.Success || len(whole) == 0 {
		t.Errorf("31 days: got %d rows; 32 days: %+v", len(whole), tooLong)
	}
}

// usageOf are the days of a bill's rows.
func usageOf(t *testing.T, c http.Handler, path string) []string {
	t.Helper()
	all, _ := rows(t, c, path)
	return column(all, "ChargePeriodStart")
}

func TestWhoAsksIsSaid(t *testing.T) {
	t.Parallel()
	c := world(5)
	owned := []string{"Authorization", "Bearer " + cloudflaresim.AccountToken}
	first := "/accounts/" + c.Truth().Accounts[0]
	tests := []struct {
		path   string
		header []string
		status int
		says   string
	}{
		{"/user", nil, 200, cloudflaresim.Email},
		{"/user", owned, 403, "Valid user-level authentication not found"},
		{"/memberships", nil, 200, "Administrator Read Only"},
		{"/memberships", owned, 403, "Valid user-level authentication not found"},
		{"/user/tokens/verify", nil, 200, "This API Token is valid and active"},
		{"/user/tokens/verify", owned, 401, "Invalid API Token"},
		{first + "/tokens/verify", nil, 401, "Invalid API Token"},
		{first + "/tokens/verify", owned, 200, "active"},
		{first + "/workers/account-settings", nil, 200, "default_usage_model"},
		{first + "/workers/subdomain", nil, 200, "acme-"},
		{first + "/r2/metrics", nil, 200, "infrequentAccess"},
	}
	for _, tt := range tests {
		w := call(t, c, http.MethodGet, tt.path, "", tt.header...)
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s with %v: got %d %s, want %d and %q", tt.path, tt.header, w.Code, w.Body, tt.status, tt.says)
		}
	}
}

// TestFaultsHaveCloudflaresBodies makes every fault that a script can ask for, for both APIs.
func TestFaultsHaveCloudflaresBodies(t *testing.T) {
	t.Parallel()
	c := world(1)
	tests := []struct {
		status, code int
		graph        string // the message of the GraphQL API
	}{
		{400, 6007, "query time range is too large"},
		{401, 1000, "Unauthorized"},
		{403, 10000, "not authorized for that account"},
		{404, 7003, ""},
		{405, 10405, ""},
		{429, 971, "rate limiter budget depleted"},
		{500, 10013, ""},
		{503, 10014, "unable to execute query"},
	}
	for _, tt := range tests {
		for _, path := range []string{"/accounts", "/graphql"} {
			w := failing(t, c, path, tt.status)
			if path == "/graphql" && tt.graph != "" {
				if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.graph) || !strings.Contains(w.Body.String(), `"data":null`) {
					t.Errorf("%d: got %d %s, want %q", tt.status, w.Code, w.Body, tt.graph)
				}
				continue
			}
			if r := read(t, w); w.Code != tt.status || r.Success || r.Errors[0].Code != tt.code || r.Errors[0].Message == "" {
				t.Errorf("%s %d: got %d %+v, want code %d", path, tt.status, w.Code, r.Errors, tt.code)
			}
		}
	}
}

// TestNamespacesAreOrderedAsAsked asks for the orders that the description of the list names, cut into pages.
func TestNamespacesAreOrderedAsAsked(t *testing.T) {
	t.Parallel()
	c := world(600)
	list := "/accounts/" + c.Truth().Accounts[0] + "/storage/kv/namespaces?per_page=1000"
	for _, tt := range []struct{ query, by string }{
		{"&order=id", "id"}, {"&order=title", "title"}, {"&order=title&direction=asc", "title"},
	} {
		all, _ := rows(t, c, list+tt.query)
		if got := column(all, tt.by); len(got) < 10 || !slices.IsSorted(got) {
			t.Errorf("%s: got %v, want them rising", tt.query, got)
		}
	}
	for _, tt := range []struct{ query, by string }{{"&direction=desc", "id"}, {"&order=title&direction=desc", "title"}} {
		all, _ := rows(t, c, list+tt.query)
		got := column(all, tt.by)
		if slices.Reverse(got); len(got) < 10 || !slices.IsSorted(got) {
			t.Errorf("%s: got, from the last, %v, want them falling", tt.query, got)
		}
	}
	whole, _ := rows(t, c, list+"&order=title")
	second, r := rows(t, c, strings.Replace(list, "per_page=1000", "per_page=5&page=2", 1)+"&order=title")
	if !slices.Equal(column(second, "id"), column(whole[5:10], "id")) {
		t.Errorf("the second page is %v of %v", column(second, "id"), r)
	}
}

// TestModelsAreSearchedByTheirWords narrows the catalogue, which is everybody's.
func TestModelsAreSearchedByTheirWords(t *testing.T) {
	t.Parallel()
	c := world(120)
	search := "/accounts/" + c.Truth().Accounts[0] + "/ai/models/search"
	all, _ := rows(t, c, search+"?per_page=1000")
	if len(all) < 2 {
		t.Fatalf("got %v, want a catalogue", all)
	}
	name := fmt.Sprint(all[1]["name"])
	for word, want := range map[string]int{"": len(all), name: 1, "no such model": 0} {
		found, _ := rows(t, c, search+"?per_page=1000&search="+url.QueryEscape(word))
		if len(found) != want || want == 1 && found[0]["name"] != name {
			t.Errorf("%q: got %v, want %d models", word, column(found, "name"), want)
		}
	}
	if w := call(t, c, http.MethodGet, search+"?per_page=1001", ""); w.Code != http.StatusBadRequest {
		t.Errorf("a page that is too large: got %d %s", w.Code, w.Body)
	}
}
