package cloudflare_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/sim"
)

// TestOddRowsAreLostAloneAndSaid gives one dataset rows of many kinds, and another none that can be read.
func TestOddRowsAreLostAloneAndSaid(t *testing.T) {
	t.Parallel()
	const id = "workers/scripts/api"
	row := func(sum string) string { return `{"dimensions":{"scriptName":"api"},"sum":` + sum + `}` }
	tests := []struct {
		name, rows string
		want       map[string]float64 // per second
		problem    string
	}{
		{"numbers as text", "[" + row(`{"requests":"900","errors":"9"}`) + "]", map[string]float64{"requests_per_second": 1, "errors_per_second": 0.01}, ""},
		{"null parts", `[{"dimensions":{"scriptName":"api"},"sum":null,"quantiles":null,"avg":null,"count":null}]`, nil, ""},
		{"null fields", "[" + row(`{"requests":900,"errors":null}`) + "]", map[string]float64{"requests_per_second": 1}, ""},
		{"words for numbers", "[" + row(`{"requests":900,"errors":"many"}`) + "]", map[string]float64{"requests_per_second": 1}, ""},
		{"fields that were not asked for", "[" + row(`{"requests":900,"new":1}`) + "]", map[string]float64{"requests_per_second": 1}, ""},
		{"null dimensions", `[{"dimensions":null,"sum":{"requests":1}},` + row(`{"requests":900}`) + "]", map[string]float64{"requests_per_second": 1}, ""},
		{"a row that is none", "[7," + row(`{"requests":900}`) + "]", map[string]float64{"requests_per_second": 1}, "1 of 2 elements"},
		{"a sum that is none", "[" + row(`[1]`) + "," + row(`{"requests":900}`) + "]", map[string]float64{"requests_per_second": 1}, "1 of 2 elements"},
		{"no row that is one", `[1,"2"]`, nil, "2 of 2 elements"},
		{"no list", `{"requests":900}`, nil, "workersInvocationsAdaptive: no data (answer)"},
		{"null", `null`, nil, ""},
		{"empty", `[]`, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &server{graph: func(string) (int, string) {
				return 200, accountData(`"workers":` + tt.rows + `,"kvStorage":[{"dimensions":{"namespaceId":"k","datetime":"2026-11-24T12:00:00Z"},"max":{"byteCount":5}}]`)
			}}
			conn := open(t, served(s))
			got, errs := metrics(t.Context(), conn, refs("workers", id), window())
			for name, want := range tt.want {
				if m, ok := got[id][name]; !ok || m.Value != want {
					t.Errorf("%s: got %+v, want %v", name, m, want)
				}
			}
			for name := range got[id] {
				if _, wanted := tt.want[name]; !wanted && name != "error_percent" {
					t.Errorf("got %s, which was not measured", name)
				}
			}
			if text := gaps(t, errs); (text == "") != (tt.problem == "") || !strings.Contains(text, tt.problem) {
				t.Errorf("got %q, want %q", text, tt.problem)
			}
			if others, errs := metrics(t.Context(), conn, refs("kv", "k"), window()); len(errs) > 0 || others["k"]["storage_bytes"].Value != 5 {
				t.Errorf("another service: got %v, %v", others, errs)
			}
		})
	}
}

// TestErrorsOfAQueryAreUnderstoodInEveryShape refuses a query with errors as they may be written.
func TestErrorsOfAQueryAreUnderstoodInEveryShape(t *testing.T) {
	t.Parallel()
	tests := []struct {
		errors string
		want   cloud.Kind // of the metrics
		says   string
	}{
		{`[{"message":"Unauthorized"}]`, cloud.KindAuth, "Unauthorized"},
		{`[{"message":"Unauthorized","path":null,"extensions":null}]`, cloud.KindAuth, "Unauthorized"},
		{`[{"message":"not authorized for that account","path":[],"extensions":{"code":"authz"}}]`, cloud.KindPartial, "permission"},
		{`[{"message":"something new","extensions":{"code":"authz"}}]`, cloud.KindPartial, "something new"},
		{`[{"message":"rate limiter budget depleted, try again after 5 minutes","extensions":{"code":429}}]`, cloud.KindThrottled, "budget depleted"},
		{`[{"message":"in combination, your request queries too many nodes, zones and accounts"}]`, cloud.KindPartial, "too many nodes"},
		{`[{"message":"query consumed excessive resources, please try again later"}]`, cloud.KindPartial, "excessive resources"},
		{`[{"message":"unable to execute query, please try again later"}]`, cloud.KindUnavailable, "unable to execute"},
		{`[{"message":"too many queries in progress, please try again later"}]`, cloud.KindUnavailable, "too many queries"},
		{`[{"message":"internal server error"}]`, cloud.KindUnavailable, "internal"},
		{`[{"message":"number of fields can't be more than 30"}]`, cloud.KindPartial, "number of fields"},
		{`[{"message":"limit must be positive number and not greater than 100"}]`, cloud.KindPartial, "limit must be"},
		{`[{"message":null,"path":"viewer"}]`, cloud.KindPartial, "no data (query)"},
		{`[{"message":"x","path":{"a":1}},{"message":"y","path":["viewer",0,null]}]`, cloud.KindPartial, "x; y"},
	}
	for _, tt := range tests {
		s := &server{graph: func(string) (int, string) { return 200, `{"data":null,"errors":` + tt.errors + `}` }}
		_, errs := metrics(t.Context(), open(t, served(s)), refs("d1", "d"), window())
		if len(errs) == 0 || cloud.KindOf(errs[0]) != tt.want || !strings.Contains(errs[0].Error(), tt.says) {
			t.Errorf("%s: got %v, want kind %s and %q", tt.errors, errs, tt.want, tt.says)
		}
	}
}

// TestThePathOfAnErrorNamesItsPart gives the paths in which the API may write the alias of a refused part.
func TestThePathOfAnErrorNamesItsPart(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		`["viewer","accounts",0,"queues"]`, `["viewer","accounts","0","queues"]`, `["viewer","accounts","queues"]`,
		`["viewer","accounts",0,"queues",3,"avg","messages"]`, `["viewer","accounts",0,"queueBacklogAdaptiveGroups"]`,
	} {
		s := &server{graph: func(q string) (int, string) {
			if !strings.Contains(q, "queues:queueBacklogAdaptiveGroups") {
				return 200, accountData(workersRow)
			}
			return 200, `{"data":null,"errors":[{"message":"` + noPath + `","path":` + path + `,"extensions":{"code":"authz"}}]}`
		}}
		conn := open(t, served(s))
		got, errs := metrics(t.Context(), conn, refs("workers", "workers/scripts/api"), window())
		if len(errs) > 0 || got["workers/scripts/api"]["requests_per_second"].Value != 1 || len(s.queries()) != 2 {
			t.Errorf("%s: got %v, %v after %d queries, want the readings of the second", path, got, errs, len(s.queries()))
		}
	}
}

func TestSettingsMayLackAnything(t *testing.T) {
	t.Parallel()
	for _, settings := range []string{
		`{}`, `null`, `{"workersInvocationsAdaptive":null}`, `{"workersInvocationsAdaptive":{}}`,
		`{"workersInvocationsAdaptive":{"enabled":null,"maxDuration":null,"notOlderThan":"","maxPageSize":"0"}}`,
		`{"workersInvocationsAdaptive":{"enabled":true,"maxDuration":0,"notOlderThan":0,"maxPageSize":0}}`,
	} {
		s := &server{graph: func(string) (int, string) { return 200, accountData(`"settings":` + settings + "," + workersRow) }}
		conn := open(t, served(s))
		for range 2 {
			got, errs := metrics(t.Context(), conn, refs("workers", "workers/scripts/api"), window())
			if len(errs) > 0 || got["workers/scripts/api"]["requests_per_second"].Value != 1 {
				t.Errorf("%s: got %v, %v", settings, got, errs)
			}
		}
		if q := s.queries(); !strings.Contains(q[1], "workers:workersInvocationsAdaptive(limit:10000,") {
			t.Errorf("%s: asked %s", settings, q[1])
		}
	}
}

// TestTheDayBeginsAtMidnight reads what is counted since midnight just before, at and after it.
func TestTheDayBeginsAtMidnight(t *testing.T) {
	t.Parallel()
	midnight := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		now   time.Time
		today string // the range that is asked for; "" = none
	}{
		{midnight.Add(-time.Minute), `datetime_geq:"2026-11-23T00:00:00Z",datetime_lt:"2026-11-23T23:59:00Z"`},
		{midnight, ""},
		{midnight.Add(30 * time.Second), ""},
		{midnight.Add(time.Minute), `datetime_geq:"2026-11-24T00:00:00Z",datetime_lt:"2026-11-24T00:01:00Z"`},
	}
	for _, tt := range tests {
		s := &server{graph: func(string) (int, string) { return 200, accountData(workersRow) }}
		c := served(s)
		c.Now = func() time.Time { return tt.now }
		if _, errs := metrics(t.Context(), open(t, c), refs("workers", "x"), cloud.Window{From: tt.now.Add(-20 * time.Minute), To: tt.now}); len(errs) > 0 {
			t.Fatal(errs)
		}
		q := s.queries()[0]
		if asked := strings.Contains(q, "workersToday:"); asked != (tt.today != "") {
			t.Errorf("at %s: today is asked for: %v", tt.now, asked)
		}
		if tt.today != "" && !strings.Contains(q, "workersToday:workersInvocationsAdaptive(limit:10000,filter:{"+tt.today) {
			t.Errorf("at %s: got %s, want %s", tt.now, q, tt.today)
		}
		if !strings.Contains(q, "workers:workersInvocationsAdaptive") {
			t.Errorf("at %s: the last minutes are not asked for", tt.now)
		}
	}
}

// TestAShortWindowIsReadAsItIs leaves out the minutes that are not complete only where enough is left.
func TestAShortWindowIsReadAsItIs(t *testing.T) {
	t.Parallel()
	for length, want := range map[time.Duration]string{
		20 * time.Minute: `datetime_geq:"2026-11-24T12:14:00Z",datetime_lt:"2026-11-24T12:29:00Z"`,
		10 * time.Minute: `datetime_geq:"2026-11-24T12:24:00Z",datetime_lt:"2026-11-24T12:29:00Z"`,
		9 * time.Minute:  `datetime_geq:"2026-11-24T12:25:00Z",datetime_lt:"2026-11-24T12:34:00Z"`,
		time.Minute:      `datetime_geq:"2026-11-24T12:33:00Z",datetime_lt:"2026-11-24T12:34:00Z"`,
	} {
		s := &server{graph: func(string) (int, string) { return 200, accountData(workersRow) }}
		_, errs := metrics(t.Context(), open(t, served(s)), refs("workers", "x"), cloud.Window{From: now.Add(-length), To: now})
		if q := s.queries()[0]; len(errs) > 0 || !strings.Contains(q, "workers:workersInvocationsAdaptive(limit:10000,filter:{"+want) {
			t.Errorf("%s: got %v, %s, want %s", length, errs, q, want)
		}
	}
}

// TestEveryQueryIsAnswered asks the simulated Cloudflare for each service by itself.
func TestEveryQueryIsAnswered(t *testing.T) {
	t.Parallel()
	for _, service := range []string{"workers", "r2", "d1", "kv", "ai", "queues", "pages", "durable_objects"} {
		conn, u := simulated(t, sim.Options{Seed: 2, Counts: map[string]int{"cloudflare": 80}})
		w := cloud.Window{From: u.World().Now().Add(-20 * time.Minute), To: u.World().Now()}
		n := 0
		for _, r := range u.Cloud("cloudflare").Truth().Resources {
			if r.Service != service {
				continue
			}
			ref := cloud.Ref{Provider: "cloudflare", Account: r.Account, Service: service, ID: r.ID}
			got, errs := metrics(t.Context(), conn, []cloud.Ref{ref}, w)
			if len(errs) > 0 || len(r.Metrics) > 0 && len(got[r.ID]) == 0 {
				t.Errorf("%s: got %v, %v", r.ID, got[r.ID], errs)
			}
			if n++; n == 3 {
				break
			}
		}
		if n == 0 {
			t.Errorf("there is no %s", service)
		}
	}
}

func TestMetricsOfNothingAskNothing(t *testing.T) {
	t.Parallel()
	s := &server{}
	if got, errs := metrics(t.Context(), open(t, served(s)), nil, window()); len(got)+len(errs)+len(s.queries()) != 0 {
		t.Errorf("got %v, %v after %v", got, errs, s.queries())
	}
}

func TestMetricsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	s := &server{graph: func(string) (int, string) { return 200, accountData(workersRow) }}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, service := range []string{"workers", "pages"} {
		got, errs := metrics(ctx, open(t, served(s)), refs(service, "x"), window())
		if len(got) > 0 || len(errs) != 1 || cloud.KindOf(errs[0]) != cloud.KindCancelled {
			t.Errorf("%s: got %v, %v, want one error of kind cancelled", service, got, errs)
		}
	}
}

// TestProjectsAreListedOnceForTheirScripts measures Pages projects without and with their list.
func TestProjectsAreListedOnceForTheirScripts(t *testing.T) {
	t.Parallel()
	path := "/accounts/" + acct + "/pages/projects"
	const rows = `"pages":[{"dimensions":{"scriptName":"s-1"},"sum":{"requests":900}}]`
	project := func(name, script string) string {
		return fmt.Sprintf(`{"name":%q,"production_script_name":%q}`, name, script)
	}
	s := &server{
		answers: map[string]string{path: envelope("[" + project("site", "s-1") + "," + project("static", "") + "]")},
		graph:   func(string) (int, string) { return 200, accountData(rows) },
	}
	conn := open(t, served(s))
	for round := range 3 {
		got, errs := metrics(t.Context(), conn, refs("pages", "pages/projects/site", "pages/projects/static"), window())
		if len(errs) > 0 || got["pages/projects/site"]["requests_per_second"].Value != 1 || len(got["pages/projects/static"]) != 0 {
			t.Errorf("round %d: got %v, %v", round, got, errs)
		}
	}
	if len(s.seen) != 1 {
		t.Errorf("called %v, want one list", s.seen)
	}
	refused := &server{
		answers: map[string]string{path: refusal("10000", "Authentication error")}, status: map[string]int{path: 403},
		graph: func(string) (int, string) { return 200, accountData(rows) },
	}
	_, errs := metrics(t.Context(), open(t, served(refused)), refs("pages", "pages/projects/site"), window())
	if len(errs) != 1 || cloud.KindOf(errs[0]) != cloud.KindDenied || !strings.Contains(cause(errs[0]).Hint, "Pages Read") {
		t.Errorf("got %v, want denied with the permission", errs)
	}
}

// TestAllowancesAreTheAccountsAndNeverAboveTheWhole uses up free allowances by one resource, and shows it at the others.
func TestAllowancesAreTheAccountsAndNeverAboveTheWhole(t *testing.T) {
	t.Parallel()
	tests := []struct {
		service, row, metric string
		used                 float64 // of the allowance, where requests are half of it
	}{
		{"workers", `"workersToday":[{"dimensions":{"scriptName":"a"},"sum":{"requests":%d}}]`, "free_requests_used_percent", 100_000},
		{"d1", `"d1Today":[{"dimensions":{"databaseId":"a"},"sum":{"rowsRead":%d,"rowsWritten":1}}]`, "free_rows_read_used_percent", 5_000_000},
		{"kv", `"kvToday":[{"dimensions":{"namespaceId":"a","actionType":"write"},"sum":{"requests":%d}}]`, "free_writes_used_percent", 1000},
		{"ai", `"aiToday":[{"dimensions":{"modelId":"a"},"sum":{"totalNeurons":%d}}]`, "free_neurons_used_percent", 10_000},
	}
	for _, tt := range tests {
		for part, want := range map[float64]float64{0: 0, 0.5: 50, 1: 100, 7: 100} {
			s := &server{graph: func(string) (int, string) { return 200, accountData(fmt.Sprintf(tt.row, int(part*tt.used))) }}
			got, errs := metrics(t.Context(), open(t, served(s)), refs(tt.service, "other"), window())
			if m := got["other"][tt.metric]; len(errs) > 0 || m.Value != want || !m.At.Time().Equal(now) {
				t.Errorf("%s at %v: got %+v, %v, want %v", tt.metric, part, m, errs, want)
			}
		}
		s := &server{graph: func(string) (int, string) { return 200, accountData(`"x":[]`) }}
		if got, _ := metrics(t.Context(), open(t, served(s)), refs(tt.service, "other"), window()); len(got) > 0 {
			t.Errorf("%s: nothing was counted, and there is %v", tt.metric, got)
		}
	}
}

func TestScopesEndInWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	many := make([]string, 50)
	for i := range many {
		many[i] = fmt.Sprintf(`{"id":"a-%d","name":"A"}`, i)
	}
	full := "[" + strings.Join(many, ",") + "]"
	tests := []struct {
		name    string
		answers map[string]string
		scopes  int
		kind    cloud.Kind
	}{
		{"two pages", map[string]string{
			"/accounts?page=1&per_page=50": `{"success":true,"result":` + full + `,"result_info":{"page":1,"per_page":50,"total_count":51,"total_pages":2}}`,
			"/accounts?page=2&per_page=50": `{"success":true,"result":[{"id":"last"}],"result_info":{"page":2}}`,
		}, 51, ""},
		{"one cannot be read", map[string]string{"/accounts": envelope(`[{"id":"a"},{"name":"without an id"}]`)}, 1, cloud.KindPartial},
		{"none can be read", map[string]string{"/accounts": envelope(`[7]`)}, 0, cloud.KindPartial},
		{"null", map[string]string{"/accounts": envelope(`null`)}, 0, cloud.KindDenied},
		{"refused", map[string]string{"/accounts": refusal("9109", "Unauthorized to access requested resource")}, 0, cloud.KindDenied},
	}
	for _, tt := range tests {
		s := &server{answers: tt.answers}
		all, err := provider.Gather(open(t, served(s)).Scopes(t.Context()))
		if len(all) != tt.scopes || cloud.KindOf(err) != tt.kind {
			t.Errorf("%s: got %d scopes, %v of kind %q, want %d and %q", tt.name, len(all), err, cloud.KindOf(err), tt.scopes, tt.kind)
		}
	}
}
