package cloudflaresim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	cloudflaresim "github.com/adsops/cloudtop/internal/provider/cloudflare/sim"
	"github.com/adsops/cloudtop/internal/sim"
)

// answer is what GraphQL answers.
type answer struct {
	Data struct {
		Viewer struct {
			Accounts []map[string]json.RawMessage
		}
	}
	Errors []struct {
		Message    string
		Path       []string
		Extensions map[string]string
	}
}

func ask(t testing.TB, c http.Handler, query string, variables map[string]any) (int, answer) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	w := call(t, c, http.MethodPost, "/graphql", string(body))
	var a answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return w.Code, a
}

// rowsOf returns the rows of one alias.
func rowsOf(t testing.TB, a answer, alias string) []map[string]map[string]any {
	t.Helper()
	if len(a.Errors) > 0 || len(a.Data.Viewer.Accounts) != 1 {
		t.Fatalf("got errors %+v", a.Errors)
	}
	var rows []map[string]map[string]any
	if err := json.Unmarshal(a.Data.Viewer.Accounts[0][alias], &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

func total(rows []map[string]map[string]any, field string) float64 {
	var sum float64
	for _, r := range rows {
		sum += r["sum"][field].(float64)
	}
	return sum
}

// query asks for parts of the first account, over the hour before the epoch.
func query(parts string) string {
	parts = strings.NewReplacer("SPAN", `datetime_geq:"2026-11-01T11:00:00Z",datetime_lt:"2026-11-01T12:00:00Z"`).Replace(parts)
	return `query Q($a:string!){viewer{accounts(filter:{accountTag:$a}){` + parts + `}}}`
}

func TestGroupsAddUpHoweverTheyAreCut(t *testing.T) {
	t.Parallel()
	c := world(300)
	_, a := ask(t, c, query(`
		all: workersInvocationsAdaptive(limit: 1, filter: {SPAN}) { sum { requests errors } }
		byScript: workersInvocationsAdaptive(limit: 1000, filter: {SPAN}) { sum { requests errors } dimensions { scriptName } }
		byStatus: workersInvocationsAdaptive(limit: 1000, filter: {SPAN}) { sum { requests errors } dimensions { status scriptName } }
		byMinute: workersInvocationsAdaptive(limit: 10000, filter: {SPAN}) { sum { requests } dimensions { datetimeMinute } }
		failed: workersInvocationsAdaptive(limit: 10, filter: {SPAN, status_neq: "success"}) { sum { requests } }`),
		map[string]any{"a": c.Truth().Accounts[0]})
	want := total(rowsOf(t, a, "all"), "requests")
	if want == 0 {
		t.Fatal("nothing happens in the world")
	}
	for _, alias := range []string{"byScript", "byStatus", "byMinute"} {
		if got := total(rowsOf(t, a, alias), "requests"); got != want {
			t.Errorf("%s adds up to %v requests, want %v", alias, got, want)
		}
	}
	errs := total(rowsOf(t, a, "all"), "errors")
	if got := total(rowsOf(t, a, "byScript"), "errors"); got != errs || errs == 0 {
		t.Errorf("the scripts add up to %v errors, want %v", got, errs)
	}
	if got := total(rowsOf(t, a, "failed"), "requests"); got != errs {
		t.Errorf("%v requests are not of status success, want %v: the errors", got, errs)
	}
	if n := len(rowsOf(t, a, "byMinute")); n != 60 {
		t.Errorf("an hour has %d minutes", n)
	}
}

func TestStorageIsReadNewestFirst(t *testing.T) {
	t.Parallel()
	c := world(300)
	_, a := ask(t, c, query(`r2StorageAdaptiveGroups(limit:90,orderBy:[datetime_DESC],filter:{
		datetime_geq:"2026-10-31T12:00:00Z",datetime_leq:"2026-11-01T12:00:00Z"}){max{objectCount payloadSize}dimensions{datetime bucketName}}`),
		map[string]any{"a": c.Truth().Accounts[0]})
	rows := rowsOf(t, a, "r2StorageAdaptiveGroups")
	if len(rows) != 90 {
		t.Fatalf("got %d rows, want 90: the limit", len(rows))
	}
	european, last := false, "2026-11-01T12:00:00Z"
	for _, r := range rows {
		at := fmt.Sprint(r["dimensions"]["datetime"])
		if at > last || at < "2026-11-01T06" {
			t.Errorf("got a reading of %s after one of %s", at, last)
		}
		last = at
		european = european || strings.HasPrefix(fmt.Sprint(r["dimensions"]["bucketName"]), "eu_")
	}
	if !european {
		t.Error("no bucket is named as GraphQL names those in the jurisdiction eu")
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	c := world(300)
	account := c.Truth().Accounts[0]
	var names []string
	for _, r := range c.Truth().Resources {
		if r.Account == account && r.Service == "workers" && r.Metrics["requests_per_second"] > 1 {
			names = append(names, r.Name)
		}
	}
	if len(names) < 3 {
		t.Fatalf("only %d busy scripts", len(names))
	}
	one, two := fmt.Sprintf("%q", names[0]), fmt.Sprintf("%q", names[1])
	for filter, want := range map[string]int{
		`scriptName:` + one: 1,
		`scriptName_in:[` + one + `,` + two + `,"no such script"]`:                       2,
		`AND:[{scriptName_in:[` + one + `,` + two + `]},{scriptName_neq:` + one + `}]`:   1,
		`scriptName_like:"no such%"`:                                                     0,
		`scriptName_geq:` + one + `,scriptName_leq:` + one:                               1,
		`scriptName_gt:` + one + `,scriptName_lt:` + one:                                 0,
		`scriptName_notin:[` + one + `],scriptName:` + one:                               0,
		`scriptName_notlike:` + one + `,scriptName:` + one:                               0,
		`OR:[{scriptName:` + one + `},{scriptName:` + two + `}]`:                         2,
		`OR:[{scriptName:` + one + `,status:"no such status"},{scriptName:` + two + `}]`: 1,
		`OR:[{scriptName:` + one + `}],AND:[{OR:[{scriptName:` + two + `}]}]`:            0,
		`OR:[{scriptName:` + one + `,status:"success"}]`:                                 1,
		`OR:[],scriptName:` + one:                                                        1,
	} {
		_, a := ask(t, c, query(`x:workersInvocationsAdaptive(limit:100,filter:{SPAN,`+filter+`}){sum{requests}dimensions{scriptName}}`),
			map[string]any{"a": account})
		if got := len(rowsOf(t, a, "x")); got != want {
			t.Errorf("%s: got %d rows, want %d", filter, got, want)
		}
	}
}

func TestVariablesDefaultsAndSettings(t *testing.T) {
	t.Parallel()
	c := world(300)
	account := c.Truth().Accounts[0]
	status, a := ask(t, c, `
		# what wrangler sends: variables of types that the schema does not have
		query getMetrics($accountTag: String, $filter: Nothing_InputObject, $limit: uint64 = 3, $unused: [string!]! = []) {
			viewer { budget accounts(filter: {accountTag: $accountTag}) {
				accountTag
				rows: kvOperationsAdaptiveGroups(limit: $limit, filter: $filter, orderBy: [sum_requests_DESC]) {
					count sum { requests } dimensions { namespaceId }
				}
				settings { kvOperationsAdaptiveGroups { enabled maxPageSize most: maxDuration availableFields } }
			} }
		}`, map[string]any{"accountTag": account, "filter": map[string]any{
		"AND": []any{map[string]any{"datetime_geq": "2026-11-01T11:00:00.000Z"}, map[string]any{"actionType": "read"}},
	}})
	if status != 200 || len(a.Errors) > 0 {
		t.Fatalf("got %d %+v", status, a.Errors)
	}
	var rows []struct{ Sum struct{ Requests float64 } }
	if err := json.Unmarshal(a.Data.Viewer.Accounts[0]["rows"], &rows); err != nil || len(rows) != 3 ||
		rows[0].Sum.Requests < rows[1].Sum.Requests || rows[1].Sum.Requests < rows[2].Sum.Requests {
		t.Errorf("got %+v, %v, want the three with most requests", rows, err)
	}
	settings := string(a.Data.Viewer.Accounts[0]["settings"])
	for _, want := range []string{`"enabled":true`, `"maxPageSize":10000`, `"most":`, `"dimensions_namespaceId"`} {
		if !strings.Contains(settings, want) {
			t.Errorf("got settings %s, want %s in them", settings, want)
		}
	}
	if string(a.Data.Viewer.Accounts[0]["accountTag"]) != fmt.Sprintf("%q", account) {
		t.Errorf("got account %s", a.Data.Viewer.Accounts[0]["accountTag"])
	}
}

func TestQueriesAreRefusedAsByCloudflare(t *testing.T) {
	t.Parallel()
	c := world(40)
	incidents := incidentWorld()
	paid, free := c.Truth().Accounts[0], incidents.Truth().Accounts[1]
	const dataset = "workersInvocationsAdaptive"
	tests := []struct {
		name, query string
		cloud       sim.Cloud
		account     string
		status      int
		says, code  string
	}{
		{"syntax", `query { viewer { accounts(`, c, paid, 400, "syntax error", ""},
		{"empty", ` # nothing`, c, paid, 400, "no operation", ""},
		{"mutation", `mutation { x }`, c, paid, 400, "syntax error", ""},
		{"unknown dataset", query(`nonsense(limit:1,filter:{}){count}`), c, paid, 400, `unknown field "nonsense"`, ""},
		{"unknown field", query(dataset + `(limit:1,filter:{SPAN}){sum{nonsense}}`), c, paid, 400, `unknown field "nonsense"`, ""},
		{"unknown group", query(dataset + `(limit:1,filter:{SPAN}){nonsense{requests}}`), c, paid, 400, `unknown field`, ""},
		{"unknown filter", query(dataset + `(limit:1,filter:{nonsense:1}){sum{requests}}`), c, paid, 400, `unknown arg`, ""},
		{"unknown argument", query(dataset + `(first:1,limit:1,filter:{SPAN}){sum{requests}}`), c, paid, 400, `unknown arg`, ""},
		{"unknown order", query(dataset + `(limit:1,filter:{SPAN},orderBy:[x_DESC]){sum{requests}}`), c, paid, 400, `unknown orderBy`, ""},
		{"OR of no filters", query(dataset + `(limit:1,filter:{OR:[1]}){sum{requests}}`), c, paid, 400, `OR takes filters`, ""},
		{"OR of times", query(dataset + `(limit:1,filter:{OR:[{SPAN}]}){sum{requests}}`), c, paid, 400, `OR takes no times`, ""},
		{"OR of nonsense", query(dataset + `(limit:1,filter:{OR:[{nonsense:1}]}){sum{requests}}`), c, paid, 400, `unknown arg`, ""},
		{"AND of no filters", query(dataset + `(limit:1,filter:{AND:[1]}){sum{requests}}`), c, paid, 400, `AND takes filters`, ""},
		{"a filter with an unknown end", query(dataset + `(limit:1,filter:{SPAN,scriptName_near:"x"}){sum{requests}}`), c, paid, 400, `unknown arg`, ""},
		{"a time with an unknown end", query(dataset + `(limit:1,filter:{datetime_near:"2026-11-01"}){sum{requests}}`), c, paid, 400, `unknown arg`, ""},
		{"a time that is none", query(dataset + `(limit:1,filter:{datetime_geq:"soon"}){sum{requests}}`), c, paid, 400, `invalid time`, ""},
		{"an order by what is not selected", query(dataset + `(limit:1,filter:{SPAN},orderBy:[scriptName_DESC]){sum{requests}}`), c, paid, 400, `it is not selected`, ""},
		{"no limit", query(dataset + `(filter:{SPAN}){sum{requests}}`), c, paid, 400, "limit is required", ""},
		{"no filter", query(dataset + `(limit:1){sum{requests}}`), c, paid, 400, "filter is required", ""},
		{"limit too large", query(dataset + `(limit:10001,filter:{SPAN}){sum{requests}}`), c, paid, 400, "limit must be positive", ""},
		{"limit zero", query(dataset + `(limit:0,filter:{SPAN}){sum{requests}}`), c, paid, 400, "limit must be positive", ""},
		{"too old", query(dataset + `(limit:1,filter:{datetime_geq:"2026-01-01T00:00:00Z",datetime_lt:"2026-01-02T00:00:00Z"}){sum{requests}}`), c, paid, 400, "cannot request data older", ""},
		{"too wide", query(dataset + `(limit:1,filter:{datetime_geq:"2026-09-01T00:00:00Z"}){sum{requests}}`), c, paid, 400, "query time range is too large", ""},
		{"undeclared variable", query(dataset + `(limit:$b,filter:{SPAN}){sum{requests}}`), c, paid, 400, "not declared", ""},
		{"missing variable", `query Q($a:string!,$b:uint64!){viewer{budget}}`, c, paid, 400, "is required", ""},
		{"foreign account", query(`accountTag`), c, strings.Repeat("0", 32), 200, "not authorized for that account", "authz"},
		{"not in the plan", query(`backlog:queueBacklogAdaptiveGroups(limit:1,filter:{SPAN}){avg{messages}}`), incidents, free, 200, "does not have access to the path", "authz"},
	}
	for _, tt := range tests {
		status, a := ask(t, tt.cloud, tt.query, map[string]any{"a": tt.account})
		if status != tt.status || len(a.Errors) != 1 || !strings.Contains(a.Errors[0].Message, tt.says) ||
			a.Errors[0].Extensions["code"] != tt.code || a.Errors[0].Extensions["timestamp"] == "" || len(a.Data.Viewer.Accounts) > 0 {
			t.Errorf("%s: got %d %+v, want %d, %q, code %q", tt.name, status, a.Errors, tt.status, tt.says, tt.code)
		}
	}
	_, a := ask(t, incidents, tests[len(tests)-1].query, map[string]any{"a": free})
	if path := strings.Join(a.Errors[0].Path, "."); path != "viewer.accounts.0.backlog" {
		t.Errorf("the error leads to %q, want the alias", path)
	}
}

func incidentWorld() sim.Cloud {
	w := sim.NewWorld(sim.Options{Seed: 4, Resources: 400, Incidents: true, Now: func() time.Time { return sim.Epoch }})
	return cloudflaresim.New(w)
}

func TestQueriesHaveALimitOfTheirOwn(t *testing.T) {
	t.Parallel()
	c := world(5)
	for i := range 300 {
		if status, _ := ask(t, c, `{cost viewer{budget}}`, nil); status != 200 {
			t.Fatalf("query %d: got %d", i+1, status)
		}
	}
	status, a := ask(t, c, `{cost}`, nil)
	if status != 429 || !strings.Contains(a.Errors[0].Message, "rate limiter budget depleted") {
		t.Errorf("got %d %+v, want 429", status, a.Errors)
	}
	if w := call(t, c, http.MethodGet, "/user", ""); w.Code != 200 {
		t.Errorf("REST: got %d, want 200", w.Code)
	}
}

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		query(`workersInvocationsAdaptive(limit:5,filter:{SPAN},orderBy:[sum_requests_DESC]){sum{requests}quantiles{cpuTimeP50}dimensions{scriptName}}`),
		`query Q($a:string!=["x",{y:1}]){viewer{a:accounts(filter:{accountTag:"\n"}){settings{x{y}}}}}`, `{`, `"`, `{a(b:-1e309)}`, "{a(b:\"\\u12\")}",
		`{viewer{accounts(filter:{accountTag:$a}){d1StorageAdaptiveGroups(limit:1,filter:{AND:[{}],date:"2026-11-01"}){max{databaseSizeBytes}}}}}`,
	} {
		f.Add(seed)
	}
	c := world(20)
	account := c.Truth().Accounts[0]
	f.Fuzz(func(t *testing.T, text string) {
		body, err := json.Marshal(map[string]any{"query": text, "variables": map[string]any{"a": account}})
		if err != nil {
			t.Skip()
		}
		w := call(t, world(20), http.MethodPost, "/graphql", string(body))
		var a answer
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || (w.Code != 200 && len(a.Errors) == 0) {
			t.Errorf("%q: got %d %s", text, w.Code, w.Body)
		}
	})
}
