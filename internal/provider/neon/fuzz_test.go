package neon_test

import (
	"errors"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// FuzzAnswers gives any body to the lists and the costs: they yield things with a name, or classified errors.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `[]`, `{"projects":[{"id":"p1"}],"pagination":{"cursor":"x"}}`, `{"branches":[{"id":"b","logical_size":"7"}],"pagination":{"next":1}}`,
		`{"endpoints":[{"id":"e","suspend_timeout_seconds":1e300}]}`, `{"operations":[{"id":"o","status":"running","failures_count":-1}]}`,
		`{"projects":[{"project_id":"p","periods":[{"consumption":[{"metrics":[{"metric_name":"extra_branches_month","value":1e308}]}]}]}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		s := scripted(map[string]string{
			"/projects/p1": body, "/projects/p1/branches": body, "/projects/p1/endpoints": body, "/projects/p1/operations": body, metered: body,
		})
		conn := connect(t, s, nil)
		var errs []error
		for _, service := range []string{"branches", "computes", "operations"} {
			found, err := list(t, conn, service)
			errs = append(errs, err)
			for _, r := range found {
				if r.ID == "" || r.Provider != "neon" || r.Service != service {
					t.Errorf("got %+v", r)
				}
			}
		}
		_, err := costs(t, conn, cloud.Period{})
		for _, err := range append(errs, err) {
			if _, ok := errors.AsType[*cloud.Error](err); err != nil && !ok {
				t.Errorf("got %v (%T), want a *cloud.Error", err, err)
			}
		}
	})
}

// FuzzPeriods reads the costs of any period: the ranges that are asked for are aligned, follow each other, and are told.
func FuzzPeriods(f *testing.F) {
	f.Add(int64(0), int64(0))
	f.Add(int64(-3600), int64(60))
	f.Add(int64(-400*86400), int64(399*86400))
	f.Add(int64(-61*86400), int64(86400))
	f.Fuzz(func(t *testing.T, start, length int64) {
		const century = 100 * 365 * 86400
		p := cloud.Period{From: noon().Add(time.Duration(start%century) * time.Second)}
		p.To = p.From.Add(time.Duration(length%century) * time.Second)
		s := scripted(map[string]string{metered: `{"projects":[]}`})
		_, _ = costs(t, connect(t, s, nil), p)
		var last time.Time
		for _, r := range s.calls {
			q := r.URL.Query()
			back := map[string]time.Duration{"hourly": 168 * time.Hour, "daily": 60 * 24 * time.Hour, "monthly": 366 * 24 * time.Hour}[q.Get("granularity")]
			if back == 0 {
				continue
			}
			from, to := at(q.Get("from")), at(q.Get("to"))
			if !from.Before(to) || to.After(noon()) || noon().Sub(from) > back || !last.IsZero() && !from.Equal(last) {
				t.Errorf("%s to %s: asked for %s", p.From, p.To, r.URL.RawQuery)
			}
			last = to
		}
	})
}
