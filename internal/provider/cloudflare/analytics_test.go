package cloudflare_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/sim"
)

// calls counts the calls that a universe answered: REST below accounts, and GraphQL.
func calls(u *sim.Universe) (rest, graphQL, other int) {
	for _, s := range u.Stats() {
		switch {
		case strings.HasSuffix(s.Path, "/graphql"):
			graphQL += s.N
		case strings.HasPrefix(s.Path, "/client/v4/accounts/"):
			rest += s.N
		default:
			other += s.N
		}
	}
	return rest, graphQL, other
}

// refresh lists and measures everything as the collector does: services side by side.
func refresh(t *testing.T, conn *provider.Conn, w cloud.Window) int {
	t.Helper()
	scopes, err := provider.Gather(conn.Scopes(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	rows := 0
	for _, q := range provider.Units(scopes, conn.Services(nil)) {
		wg.Go(func() {
			found, err := provider.Gather(conn.Driver().List(t.Context(), q))
			if err != nil {
				t.Errorf("%s: %v", q.Service, err)
			}
			var all []cloud.Ref
			for i := range found {
				all = append(all, found[i].Ref())
			}
			if len(all) > 0 {
				if _, errs := metrics(t.Context(), conn, all, w); len(errs) > 0 {
					t.Errorf("%s: %v", q.Service, errs)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			rows += len(found)
		})
	}
	wg.Wait()
	return rows
}

func TestARefreshTakesEightCallsAndOneQueryForEachAccount(t *testing.T) {
	t.Parallel()
	conn, u := simulated(t, sim.Options{Seed: 2, Counts: map[string]int{"cloudflare": 60}})
	accounts := len(u.Cloud("cloudflare").Truth().Accounts)
	for round := 1; round <= 3; round++ {
		w := cloud.Window{From: u.World().Now().Add(-20 * time.Minute), To: u.World().Now()}
		if n := refresh(t, conn, w); n != 60 {
			t.Fatalf("found %d resources, want 60", n)
		}
		rest, graphQL, other := calls(u)
		if rest > 8*accounts*round || graphQL != accounts*round || other != round {
			t.Errorf("after %d rounds over %d accounts: %d REST calls, %d queries and %d calls for the accounts; want at most %d, %d and %d",
				round, accounts, rest, graphQL, other, 8*accounts*round, accounts*round, round)
		}
	}
}

func TestAnotherWindowIsAnotherQuery(t *testing.T) {
	t.Parallel()
	s := &server{answers: map[string]string{"/graphql": testdata(t, "analytics.json")}}
	conn := open(t, served(s))
	ask := func(service string, w cloud.Window, want int) {
		t.Helper()
		if _, errs := metrics(t.Context(), conn, refs(service, "x"), w); len(errs) > 0 {
			t.Fatal(errs)
		}
		if n := len(s.queries()); n != want {
			t.Errorf("%s: %d queries so far, want %d", service, n, want)
		}
	}
	ask("workers", window(), 1)
	ask("r2", window(), 1)
	ask("workers", window(), 2) // who asks again wants news
	late := cloud.Window{From: window().From.Add(time.Hour), To: window().To.Add(time.Hour)}
	ask("d1", late, 3) // what was read an hour before is old
	ask("kv", cloud.Window{From: late.To.Add(-time.Hour), To: late.To}, 4)
}

func TestQueriesNameOnlyTheConfiguredServices(t *testing.T) {
	t.Parallel()
	s := &server{answers: map[string]string{"/graphql": testdata(t, "analytics.json")}}
	c := served(s)
	c.Services = []string{"d1"}
	if _, errs := metrics(t.Context(), open(t, c), refs("d1", "d-1"), window()); len(errs) > 0 {
		t.Fatal(errs)
	}
	q := s.queries()[0]
	if !strings.Contains(q, "d1:d1AnalyticsAdaptiveGroups") || strings.Contains(q, "workers:workersInvocationsAdaptive") {
		t.Errorf("got %s", q)
	}
}

// gaps returns the details of errors, each of which must be partial.
func gaps(t *testing.T, errs []error) string {
	t.Helper()
	var all []string
	for _, err := range errs {
		if cloud.KindOf(err) != cloud.KindPartial {
			t.Errorf("got %v of kind %s, want partial", err, cloud.KindOf(err))
		}
		all = append(all, err.Error())
	}
	return strings.Join(all, "\n")
}

const workersRow = `"workers":[{"dimensions":{"scriptName":"api"},"sum":{"requests":900}}]`

// without returns an answer whose errors lead to an alias.
func without(data, alias, message string) string {
	return `{"data":` + data + `,"errors":[{"message":"` + message + `","path":["viewer","accounts","0","` + alias + `"],` +
		`"extensions":{"code":"authz","timestamp":"2026-11-24T12:00:00Z"}}]}`
}

const noPath = "account '" + acct + "' does not have access to the path"

// TestADatasetThatIsRefusedLeavesTheOthers refuses the backlog of queues in each of the API's ways.
func TestADatasetThatIsRefusedLeavesTheOthers(t *testing.T) {
	t.Parallel()
	asks := func(query, part string) bool { return strings.Contains(query, part+"(limit") }
	const backlog = "queueBacklogAdaptiveGroups"
	tests := []struct {
		name  string
		graph func(query string) (int, string)
		first int // queries of the first reading; each later one is a single query
		why   string
	}{
		{"beside the others' data", func(q string) (int, string) {
			if !asks(q, backlog) {
				return 200, accountData(workersRow)
			}
			return 200, without(`{"viewer":{"accounts":[{`+workersRow+`,"queues":null}]}}`, "queues", noPath)
		}, 1, "plan"},
		{"in place of all data, by its alias", func(q string) (int, string) {
			if asks(q, backlog) {
				return 200, without("null", "queues", noPath)
			}
			return 200, accountData(workersRow)
		}, 2, "plan"},
		{"in place of all data, by its name", func(q string) (int, string) {
			if asks(q, backlog) {
				return 200, without("null", backlog, noPath)
			}
			return 200, accountData(workersRow)
		}, 2, "plan"},
		{"without a name, but in the settings", func(q string) (int, string) {
			switch {
			case asks(q, backlog):
				return 400, `{"data":null,"errors":[{"message":"unknown field"}]}`
			case !asks(q, "workersInvocationsAdaptive"):
				return 200, accountData(`"settings":{"` + backlog + `":{"enabled":false},"workersInvocationsAdaptive":{"enabled":true}}`)
			}
			return 200, accountData(workersRow)
		}, 3, "plan"},
		{"without a name, and allowed by the settings", func(q string) (int, string) {
			switch {
			case asks(q, backlog):
				return 400, `{"data":null,"errors":[{"message":"cannot request data older than 86400s"}]}`
			case !strings.Contains(q, "(limit"):
				return 200, accountData(`"settings":{"` + backlog + `":{"enabled":true}}`)
			}
			return 200, accountData(workersRow)
		}, 16, "retention"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &server{graph: tt.graph}
			conn := open(t, served(s))
			for round := range 3 {
				got, errs := metrics(t.Context(), conn, refs("workers", "workers/scripts/api"), window())
				if v := got["workers/scripts/api"]["requests_per_second"].Value; v != 1 || len(errs) > 0 {
					t.Errorf("workers: got %v requests per second and %v, want 1", v, errs)
				}
				_, errs = metrics(t.Context(), conn, refs("queues", "q-1"), window())
				if text := gaps(t, errs); !strings.Contains(text, backlog) || !strings.Contains(text, tt.why) {
					t.Errorf("queues: got %q, want %s and the reason %q", text, backlog, tt.why)
				}
				if n := len(s.queries()); n != tt.first+round {
					t.Errorf("%d queries after %d readings, want %d", n, round+1, tt.first+round)
				}
			}
		})
	}
}

func TestWhoMayNotReadAnalyticsIsToldForEachDataset(t *testing.T) {
	t.Parallel()
	for name, graph := range map[string]func(string) (int, string){
		"as an answer": func(string) (int, string) {
			return 200, `{"data":null,"errors":[{"message":"not authorized for that account","path":[],"extensions":{"code":"authz"}}]}`
		},
		"as a status": func(string) (int, string) {
			return 403, `{"data":null,"errors":[{"message":"not authorized for that account"}]}`
		},
		"as no account": func(string) (int, string) { return 200, `{"data":{"viewer":{"accounts":[]}},"errors":null}` },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{graph: graph}
			conn := open(t, served(s))
			_, errs := metrics(t.Context(), conn, refs("d1", "d-1"), window())
			text := gaps(t, errs)
			for _, want := range []string{"d1AnalyticsAdaptiveGroups", "d1StorageAdaptiveGroups", "permission"} {
				if !strings.Contains(text, want) {
					t.Errorf("got %q, want %q in it", text, want)
				}
			}
			if e := cause(errs[0]); !strings.Contains(e.Hint, "Account Analytics Read") {
				t.Errorf("hint %q, want the permission", e.Hint)
			}
			if _, err := list(t, conn, "ai"); cloud.KindOf(err) != cloud.KindDenied {
				t.Errorf("models: got %v of kind %s, want denied", err, cloud.KindOf(err))
			}
			if n := len(s.queries()); n != 1 {
				t.Errorf("%d queries, want 1", n)
			}
		})
	}
}

func cause(err error) *cloud.Error {
	e, ok := errors.AsType[*cloud.Error](err)
	if !ok {
		return &cloud.Error{}
	}
	return e
}

func TestAPassingFaultIsNotTakenForARefusal(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		answer string
		want   cloud.Kind
	}{
		{"budget", 429, `{"data":null,"errors":[{"message":"rate limiter budget depleted, try again after 5 minutes"}]}`, cloud.KindThrottled},
		{"budget as an answer", 200, `{"data":null,"errors":[{"message":"rate limiter budget depleted, try again after 5 minutes"}]}`, cloud.KindThrottled},
		{"busy", 503, `{"data":null,"errors":[{"message":"unable to execute query, please try again later"}]}`, cloud.KindUnavailable},
		{"token", 401, `{"data":null,"errors":[{"message":"Unauthorized"}]}`, cloud.KindAuth},
		{"rows of another type", 200, accountData(`"workers":{"sum":1}`), cloud.KindPartial},
		{"an answer of another type", 200, `[]`, cloud.KindResponse},
		{"settings of another type", 200, accountData(`"settings":7`), cloud.KindResponse},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ok := false
			s := &server{graph: func(string) (int, string) {
				if ok {
					return 200, accountData(workersRow)
				}
				return tt.status, tt.answer
			}}
			conn := open(t, served(s))
			_, errs := metrics(t.Context(), conn, refs("workers", "workers/scripts/api"), window())
			if len(errs) != 1 || cloud.KindOf(errs[0]) != tt.want {
				t.Fatalf("got %v, want one error of kind %s", errs, tt.want)
			}
			ok = true
			if got, errs := metrics(t.Context(), conn, refs("workers", "workers/scripts/api"), window()); len(got) == 0 || len(errs) > 0 {
				t.Errorf("afterwards: got %v, %v, want readings", got, errs)
			}
		})
	}
}

func TestTheQueryStaysWithinThePlan(t *testing.T) {
	t.Parallel()
	const tight = `"settings":{"workersInvocationsAdaptive":{"enabled":true,"maxDuration":600,"notOlderThan":86400,"maxPageSize":50}}`
	s := &server{graph: func(string) (int, string) { return 200, accountData(tight + "," + workersRow) }}
	conn := open(t, served(s))
	for range 2 {
		if _, errs := metrics(t.Context(), conn, refs("workers", "workers/scripts/api"), window()); len(errs) > 0 {
			t.Fatal(errs)
		}
	}
	q := s.queries()
	for text, want := range map[string]bool{
		`workers:workersInvocationsAdaptive(limit:50,filter:{datetime_geq:"2026-11-24T12:19:00Z",datetime_lt:"2026-11-24T12:29:00Z"}`: true,
		`workersToday:workersInvocationsAdaptive(limit:50,filter:{datetime_geq:"2026-11-24T12:24:00Z"`:                                true,
		"settings{": false,
	} {
		if strings.Contains(q[1], text) != want {
			t.Errorf("second query: %q is there: %v, want %v, in\n%s", text, !want, want, q[1])
		}
	}
	if !strings.Contains(q[0], "settings{") {
		t.Errorf("the first query asks for no settings: %s", q[0])
	}
}

func TestAnAnswerThatEndsAtItsLimitIsSaidToBeCut(t *testing.T) {
	t.Parallel()
	const two = `"settings":{"workersInvocationsAdaptive":{"enabled":true,"maxPageSize":1},"r2StorageAdaptiveGroups":{"enabled":true,"maxPageSize":2}}`
	const stored = `"r2Storage":[{"dimensions":{"bucketName":"b","datetime":"2026-11-24T12:00:00Z"},"max":{"objectCount":1}},` +
		`{"dimensions":{"bucketName":"b","datetime":"2026-11-24T11:00:00Z"},"max":{"objectCount":2}}]`
	s := &server{graph: func(string) (int, string) { return 200, accountData(two + "," + workersRow + "," + stored) }}
	conn := open(t, served(s))
	for range 2 { // the limits are known after the first
		_, _ = metrics(t.Context(), conn, refs("workers", "workers/scripts/api"), window())
	}
	_, errs := metrics(t.Context(), conn, refs("workers", "workers/scripts/api"), window())
	if text := gaps(t, errs); !strings.Contains(text, "workersInvocationsAdaptive: the answer ends at the most rows") {
		t.Errorf("got %q, want that the answer is cut", text)
	}
	if got, errs := metrics(t.Context(), conn, refs("r2", "r2/buckets/b"), window()); len(errs) > 0 ||
		got["r2/buckets/b"]["objects_count"].Value != 1 {
		t.Errorf("storage, whose older rows are cut: got %v, %v, want the newest reading and no error", got, errs)
	}
}
