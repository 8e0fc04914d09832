package cloudflare_test

import (
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
	if err != nil {
		t.Fatal(err)
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
