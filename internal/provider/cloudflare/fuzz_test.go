package cloudflare_test

import (
	"errors"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// FuzzAnswers gives any body to the lists, the analytics and the bill: they yield rows or classified errors.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		envelope(`[]`), envelope(`{"buckets":[{"name":"b"}]}`), envelope(`[{"id":"x","tags":null}]`), refusal("10000", "Authentication error"),
		accountData(workersRow), `{"data":null,"errors":[{"message":"x","path":["viewer","accounts",0,"workers"]}]}`,
		`{"success":true,"result":[{"queue_id":"q","created_on":7}],"result_info":{"total_pages":1e9}}`, `{`, `null`, `"x"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		s := &server{answers: map[string]string{}, graph: func(string) (int, string) { return 200, body }}
		for _, path := range []string{"/workers/scripts", "/r2/buckets", "/queues", "/billable-usage"} {
			s.answers["/accounts/"+acct+path] = body
		}
		conn := open(t, served(s))
		var errs []error
		for _, service := range []string{"workers", "r2", "ai", "queues"} {
			found, err := list(t, conn, service)
			errs = append(errs, err)
			for i := range found {
				if found[i].Provider == "" || found[i].Service != service {
					t.Errorf("got %+v", found[i])
				}
			}
		}
		_, more := metrics(t.Context(), conn, refs("workers", "workers/scripts/api"), window())
		s.answers["/accounts"] = envelope(`[{"id":"` + acct + `"}]`)
		_, err := provider.Gather(conn.Driver().(provider.CostReader).Costs(t.Context(), month()))
		for _, err := range append(append(errs, more...), err) {
			if _, ok := errors.AsType[*cloud.Error](err); err != nil && !ok {
				t.Errorf("got %v (%T), want a *cloud.Error", err, err)
			}
		}
	})
}
