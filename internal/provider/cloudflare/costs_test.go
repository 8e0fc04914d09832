package cloudflare_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

func costs(t *testing.T, s *server, p cloud.Period) (map[string]cloud.Cost, error) {
	t.Helper()
	s.answers["/accounts"] = envelope(`[{"id":"` + acct + `","name":"Acme"}]`)
	all, err := provider.Gather(open(t, served(s)).Driver().(provider.CostReader).Costs(t.Context(), p))
	got := map[string]cloud.Cost{}
	for _, c := range all {
		if _, twice := got[c.Service+c.Currency]; twice {
			t.Errorf("two costs of %q", c.Service)
		}
		got[c.Service+c.Currency] = c
	}
	return got, err
}

const bill = "/accounts/" + acct + "/billable-usage"

func TestTheBillIsSummedByServiceAndAccount(t *testing.T) {
	t.Parallel()
	s := &server{answers: map[string]string{bill: envelope(`[
		{"ServiceName":"Workers Standard Requests","ServiceFamilyName":"Workers","ContractedCost":1.5,"BillingCurrency":"USD"},
		{"ServiceName":"Workers CPU ms","ServiceFamilyName":"Workers","ContractedCost":0.5,"BillingCurrency":"USD"},
		{"ServiceName":"Workers KV Reads","ServiceFamilyName":"Developer Platform","ContractedCost":3,"BillingCurrency":"USD"},
		{"ServiceName":"R2 Storage","ContractedCost":4,"BillingCurrency":"USD"},
		{"ServiceName":"Workers AI Neurons","ContractedCost":8,"BillingCurrency":"USD"},
		{"ServiceName":"Durable Objects Requests","ServiceFamilyName":"Workers","ContractedCost":16,"BillingCurrency":"USD"},
		{"ServiceName":"Images Stored","ContractedCost":32,"BillingCurrency":"USD"},
		{"ServiceName":"Argo","ContractedCost":null,"BillingCurrency":"USD"}]`)}}
	got, err := costs(t, s, cloud.Period{})
	if cloud.KindOf(err) != cloud.KindPartial || !strings.Contains(err.Error(), "1 incomplete") {
		t.Errorf("got %v, want that a charge has no amount", err)
	}
	for service, want := range map[string]float64{"": 65, "workers": 2, "kv": 3, "r2": 4, "ai": 8, "durable_objects": 16} {
		if c := got[service+"USD"]; c.Amount != want || c.Kind != cloud.CostSpend || c.Source != "billable-usage" || c.Account != acct {
			t.Errorf("%q: got %+v, want %v of spend", service, c, want)
		}
	}
	if len(got) != 6 {
		t.Errorf("got %d costs, want 6: %v", len(got), got)
	}
	if want := bill + "?from=2026-11-01T00%3A00%3A00Z&to=2026-11-24T12%3A34%3A56Z"; s.seen[1] != want {
		t.Errorf("called %s, want %s: the month so far", s.seen[1], want)
	}
}

// usage is an answer to the query for what is billed, with amounts whose price is easy to see.
const usage = `"costWorkers":[{"sum":{"requests":11000000,"cpuTimeUs":31000000000}}],
"costR2":[{"dimensions":{"actionType":"PutObject","storageClass":"Standard"},"sum":{"requests":2000000}},
{"dimensions":{"actionType":"GetObject","storageClass":"Standard"},"sum":{"requests":11000000}},
{"dimensions":{"actionType":"GetObject","storageClass":"InfrequentAccess"},"sum":{"requests":1000000}},
{"dimensions":{"actionType":"DeleteObject","storageClass":"Standard"},"sum":{"requests":9000000}}],
"costR2Storage":[{"dimensions":{"bucketName":"a","storageClass":"Standard","date":"2026-11-01"},"max":{"payloadSize":100000000000,"metadataSize":10000000000}},
{"dimensions":{"bucketName":"a","storageClass":"Standard","date":"2026-11-02"},"max":{"payloadSize":110000000000,"metadataSize":0}}],
"costD1":[{"sum":{"rowsRead":26000000000,"rowsWritten":51000000}}],
"costD1Storage":[{"dimensions":{"databaseId":"d","date":"2026-11-01"},"max":{"databaseSizeBytes":6000000000}}],
"costKV":[{"dimensions":{"actionType":"read"},"sum":{"requests":12000000}},{"dimensions":{"actionType":"list"},"sum":{"requests":3000000}}],
"costKVStorage":[],
"costAI":[{"dimensions":{"date":"2026-11-01"},"sum":{"totalNeurons":11000}},{"dimensions":{"date":"2026-11-02"},"sum":{"totalNeurons":9000}}]`

func month() cloud.Period {
	to := time.Date(2026, time.November, 24, 0, 0, 0, 0, time.UTC)
	return cloud.Period{From: to.AddDate(0, 0, -30), To: to}
}

// TestUsageIsPricedAsPublished computes by hand from the pricing pages: what a paid plan includes in a month is free.
func TestUsageIsPricedAsPublished(t *testing.T) {
	t.Parallel()
	want := map[string]float64{
		"workers": 1*0.30 + 1*0.02,
		"r2":      (110-10)*0.015 + 1*4.50 + 1*0.36 + 1*0.90,
		"d1":      1000*0.001 + 1*1.00 + 1*0.75,
		"kv":      2*0.50 + 2*5.00,
		"ai":      1 * 0.011,
	}
	s := &server{
		answers: map[string]string{bill: envelope(`[]`)},
		graph:   func(string) (int, string) { return 200, accountData(usage) },
	}
	got, err := costs(t, s, month())
	if err != nil || len(got) != len(want) {
		t.Fatalf("got %v, %v", got, err)
	}
	for service, amount := range want {
		c := got[service+"USD"]
		if math.Abs(c.Amount-amount) > 1e-9 || c.Kind != cloud.CostEstimate || !strings.Contains(c.Source, "pricing") {
			t.Errorf("%s: got %+v, want an estimate of %v with its page", service, c, amount)
		}
	}
}

func TestCostsWithoutABillAreEstimatedAndSaidToBe(t *testing.T) {
	t.Parallel()
	s := &server{
		answers: map[string]string{bill: refusal("10000", "Authentication error")}, status: map[string]int{bill: 403},
		graph: func(string) (int, string) { return 200, accountData(usage) },
	}
	got, err := costs(t, s, month())
	if got["aiUSD"].Kind != cloud.CostEstimate || cloud.KindOf(err) != cloud.KindPartial || !strings.Contains(cause(err).Hint, "Billing Read") {
		t.Errorf("got %v, %v, want estimates, and that the bill could not be read", got, err)
	}
}

func TestAnEstimateLeavesOutWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	s := &server{
		answers: map[string]string{bill: envelope(`[]`)},
		graph: func(q string) (int, string) {
			switch {
			case strings.Contains(q, "costD1Storage") && strings.Contains(q, "costWorkers"), strings.Contains(q, "d1StorageAdaptiveGroups"):
				return 400, `{"data":null,"errors":[{"message":"query time range is too large"}]}`
			case strings.Contains(q, "costWorkers"):
				return 200, accountData(`"costWorkers":[{"sum":{"requests":11000000,"cpuTimeUs":0}}]`)
			}
			return 200, accountData(`"costD1":[{"sum":{"rowsRead":1,"rowsWritten":1}}]`)
		},
	}
	got, err := costs(t, s, month())
	if _, ok := got["d1USD"]; ok || math.Abs(got["workersUSD"].Amount-0.30) > 1e-9 || !strings.Contains(err.Error(), "d1StorageAdaptiveGroups") {
		t.Errorf("got %v, %v, want no cost of D1, and why", got, err)
	}
}

func TestABillThatIsNotAnsweredIsAFailure(t *testing.T) {
	t.Parallel()
	s := &server{answers: map[string]string{bill: "oops"}, status: map[string]int{bill: 503}}
	if got, err := costs(t, s, month()); len(got) > 0 || cloud.KindOf(err) != cloud.KindUnavailable {
		t.Errorf("got %v, %v, want unavailable", got, err)
	}
}

// TestABillWithoutTheDayOfTheCycleIsReadFromTheCurrentOne answers a range with nothing, as the API does where the day on
// which the billing cycle begins is not in it.
func TestABillWithoutTheDayOfTheCycleIsReadFromTheCurrentOne(t *testing.T) {
	t.Parallel()
	row := func(day, cost string) string {
		return `{"ServiceName":"R2 Storage","ContractedCost":` + cost + `,"BillingCurrency":"EUR","ChargePeriodStart":"` + day + `T00:00:00Z"}`
	}
	s := &server{answers: map[string]string{
		bill + "?from=2026-11-01T00%3A00%3A00Z&to=2026-11-24T12%3A34%3A56Z": envelope(`[]`),
		bill + "?": envelope("[" + strings.Join([]string{
			row("2026-10-31", "100"), row("2026-11-01", "1"), row("2026-11-23", `"2.5"`), row("2026-11-25", "200"),
		}, ",") + "]"),
	}}
	got, err := costs(t, s, cloud.Period{})
	if err != nil || len(got) != 2 || got["r2EUR"].Amount != 3.5 || got["EUR"].Amount != 3.5 || len(s.queries()) != 0 {
		t.Errorf("got %v, %v, want 3.50 of November, as it is billed", got, err)
	}
}

// settingsAre answers what a plan may query of the datasets of costs.
func settingsAre(maxDuration, notOlderThan int) string {
	var all []string
	for _, dataset := range []string{
		"workersInvocationsAdaptive", "r2OperationsAdaptiveGroups", "r2StorageAdaptiveGroups", "d1AnalyticsAdaptiveGroups",
		"d1StorageAdaptiveGroups", "kvOperationsAdaptiveGroups", "kvStorageAdaptiveGroups", "aiInferenceAdaptiveGroups",
	} {
		all = append(all, fmt.Sprintf(`%q:{"enabled":true,"maxDuration":%d,"notOlderThan":%d,"maxPageSize":10000}`, dataset, maxDuration, notOlderThan))
	}
	return `"settings":{` + strings.Join(all, ",") + `}`
}

// spans are the ranges that queries ask of the invocations of Workers.
func spans(s *server) []string {
	var all []string
	for _, q := range s.queries() {
		if _, rest, ok := strings.Cut(q, `costWorkers:workersInvocationsAdaptive(limit:10000,filter:{datetime_geq:"`); ok {
			from, rest, _ := strings.Cut(rest, `",datetime_lt:"`)
			to, _, _ := strings.Cut(rest, `"`)
			all = append(all, from+" "+to)
		}
	}
	return all
}

func TestUsageIsReadInPiecesThatThePlanAllows(t *testing.T) {
	t.Parallel()
	const week, days90 = 7 * 86400, 90 * 86400
	tests := []struct {
		name     string
		settings string
		period   cloud.Period
		want     []string
		from     string // of the cost
		gap      string
	}{
		{"a month at once", settingsAre(31*86400, days90), cloud.Period{}, []string{"2026-11-01T00:00:00Z 2026-11-24T12:34:00Z"}, "2026-11-01", ""},
		{"a month by the week", settingsAre(week, days90), cloud.Period{}, []string{
			"2026-11-01T00:00:00Z 2026-11-08T00:00:00Z", "2026-11-08T00:00:00Z 2026-11-15T00:00:00Z", "2026-11-15T00:00:00Z 2026-11-22T00:00:00Z",
			"2026-11-22T00:00:00Z 2026-11-24T12:34:00Z",
		}, "2026-11-01", ""},
		{"more than is kept", settingsAre(week, 10*86400), cloud.Period{}, []string{
			"2026-11-14T12:35:00Z 2026-11-15T00:00:00Z", "2026-11-15T00:00:00Z 2026-11-22T00:00:00Z", "2026-11-22T00:00:00Z 2026-11-24T12:34:00Z",
		}, "2026-11-14", "the plan keeps usage since 2026-11-14 alone"},
		{"two months", settingsAre(31*86400, days90), cloud.Period{From: now.AddDate(0, -2, 0)}, []string{
			"2026-09-24T12:34:00Z 2026-10-25T00:00:00Z", "2026-10-25T00:00:00Z 2026-11-24T12:34:00Z",
		}, "2026-09-24", ""},
		{"the plan says nothing", `"settings":{}`, cloud.Period{}, []string{"2026-11-01T00:00:00Z 2026-11-24T12:34:00Z"}, "2026-11-01", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pieces := 0
			s := &server{answers: map[string]string{bill: envelope(`[]`)}}
			s.graph = func(q string) (int, string) {
				if !strings.Contains(q, "costWorkers") {
					return 200, accountData(tt.settings)
				}
				pieces++
				return 200, accountData(`"costWorkers":[{"sum":{"requests":20000000,"cpuTimeUs":0}}]`)
			}
			got, err := costs(t, s, tt.period)
			if text := strings.Join(spans(s), "|"); text != strings.Join(tt.want, "|") {
				t.Errorf("asked for %s, want %s", text, strings.Join(tt.want, "|"))
			}
			c := got["workersUSD"]
			months := 1.0
			if tt.name == "two months" {
				months = 2
			}
			if want := (20*float64(pieces) - 10*months) * 0.30; math.Abs(c.Amount-want) > 1e-9 || c.From.Format(time.DateOnly) != tt.from {
				t.Errorf("got %+v, want %v since %s", c, want, tt.from)
			}
			if (err == nil) != (tt.gap == "") || err != nil && !strings.Contains(err.Error(), tt.gap) {
				t.Errorf("got %v, want %q", err, tt.gap)
			}
		})
	}
}

// TestARefusedEstimateDoesNotSilenceTheMetrics refuses what costs ask for, and then reads the metrics of the same datasets.
func TestARefusedEstimateDoesNotSilenceTheMetrics(t *testing.T) {
	t.Parallel()
	s := &server{answers: map[string]string{bill: envelope(`[]`), "/accounts": envelope(`[{"id":"` + acct + `"}]`)}}
	s.graph = func(q string) (int, string) {
		if strings.Contains(q, "cost") && strings.Contains(q, "(limit") && !strings.Contains(q, "workers:") {
			return 400, `{"data":null,"errors":[{"message":"query time range is too large"}]}`
		}
		return 200, accountData(workersRow)
	}
	conn := open(t, served(s))
	for range 2 { // the second does not ask again
		all, err := provider.Gather(conn.Driver().(provider.CostReader).Costs(t.Context(), month()))
		if len(all) > 0 || !strings.Contains(err.Error(), "workersInvocationsAdaptive: no data (time range)") {
			t.Errorf("got %v, %v, want no cost, and why", all, err)
		}
	}
	asked := len(s.queries())
	if asked != 11 { // settings twice, as these tell nothing, all at once, and eight datasets by themselves
		t.Errorf("%d queries, want 11", asked)
	}
	got, errs := metrics(t.Context(), conn, refs("workers", "workers/scripts/api"), window())
	if len(errs) > 0 || got["workers/scripts/api"]["requests_per_second"].Value != 1 {
		t.Errorf("got %v, %v, want readings", got, errs)
	}
}

func TestAnEstimateThatIsCutIsNone(t *testing.T) {
	t.Parallel()
	s := &server{answers: map[string]string{bill: envelope(`[]`)}}
	s.graph = func(q string) (int, string) {
		if !strings.Contains(q, "(limit") {
			return 200, accountData(`"settings":{"r2StorageAdaptiveGroups":{"enabled":true,"maxPageSize":1}}`)
		}
		return 200, accountData(`"costR2Storage":[{"dimensions":{"bucketName":"b","date":"2026-11-02"},"max":{"payloadSize":1}}],"costKV":[7]`)
	}
	got, err := costs(t, s, month())
	for _, want := range []string{"r2StorageAdaptiveGroups: the answer ends at the most rows", "1 of 1 elements"} {
		if len(got) > 0 || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, %v, want no cost and %q", got, err, want)
		}
	}
}

func TestCostsOfAnAccountThatMayNotBeReadLeaveTheOthers(t *testing.T) {
	t.Parallel()
	const other = "fedcba9876543210fedcba9876543210"
	s := &server{
		answers: map[string]string{
			"/accounts":                              envelope(`[{"id":"` + acct + `"},{"id":"` + other + `"}]`),
			bill:                                     refusal("10000", "Authentication error"),
			"/accounts/" + other + "/billable-usage": envelope(`[{"ServiceName":"D1","ContractedCost":1,"BillingCurrency":"USD"}]`),
		},
		status: map[string]int{bill: 403},
		graph: func(string) (int, string) {
			return 200, `{"data":null,"errors":[{"message":"not authorized for that account","extensions":{"code":"authz"}}]}`
		},
	}
	all, err := provider.Gather(open(t, served(s)).Driver().(provider.CostReader).Costs(t.Context(), month()))
	if len(all) != 2 || all[0].Account != other || cloud.KindOf(err) != cloud.KindPartial || !strings.Contains(err.Error(), "no bill") {
		t.Errorf("got %v, %v, want the other account's bill and what is missing of the first", all, err)
	}
}

func TestARoundListsItsAccountsOnce(t *testing.T) {
	t.Parallel()
	s := &server{answers: map[string]string{
		"/accounts": envelope(`[{"id":"` + acct + `"},{"name":"without an id"}]`),
		bill:        envelope(`[{"ServiceName":"D1","ContractedCost":1,"BillingCurrency":"USD"}]`),
	}}
	d := open(t, served(s)).Driver()
	for round := 1; round <= 2; round++ {
		scopes, err := provider.Gather(d.(provider.Scoper).Scopes(t.Context()))
		all, costErr := provider.Gather(d.(provider.CostReader).Costs(t.Context(), month()))
		for _, err := range []error{err, costErr} {
			if cloud.KindOf(err) != cloud.KindPartial {
				t.Errorf("got %v, want that an account cannot be read", err)
			}
		}
		if len(scopes) != 1 || len(all) != 2 || len(s.seen) != 2*round {
			t.Errorf("round %d: got %d scopes and %d costs by %q, want one and two by two calls a round", round, len(scopes), len(all), s.seen)
		}
	}
}
