package oracle_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// answered lists a service of which every list call to path is answered with body.
func answered(t *testing.T, service, path, body string) []cloud.Resource {
	t.Helper()
	s := open(t, setup{count: 5, answer: func(r *http.Request) *http.Response {
		switch {
		case strings.HasSuffix(r.URL.Path, path):
			return response(r, http.StatusOK, body)
		case strings.Contains(r.URL.Path, "/clusters"), strings.Contains(r.URL.Path, "/nodePools"):
			return response(r, http.StatusOK, "[]")
		}
		return nil
	}})
	q := cloud.Query{Service: service, Scope: cloud.Scope{Account: "acme", Region: "us-phoenix-1", Compartment: "prod/web"}}
	all, err := provider.Gather(s.conn.Driver().List(t.Context(), q))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.Provider != "oracle" || r.Account != "acme" || r.Region != "us-phoenix-1" || r.Compartment != "prod/web" || r.Service != service {
			t.Errorf("%s is in the wrong place: %+v", r.ID, r.Ref())
		}
	}
	return all
}

// TestStatesAreMapped to cloudtop's words; an unknown one is unknown, and what is gone is left out.
func TestStatesAreMapped(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		service, path, element, wrap string
		want                         map[string]cloud.Status
	}{
		{"compute", "/instances", `{"id":"i%d","lifecycleState":%q,"timeCreated":"2026-10-01T00:00:00Z"}`, "[%s]", map[string]cloud.Status{
			"RUNNING": cloud.StatusRunning, "PROVISIONING": cloud.StatusStarting, "STARTING": cloud.StatusStarting, "MOVING": cloud.StatusStarting,
			"CREATING_IMAGE": cloud.StatusStarting, "STOPPING": cloud.StatusStopping, "TERMINATING": cloud.StatusStopping,
			"STOPPED": cloud.StatusStopped, "TERMINATED": "", "NEW": cloud.StatusUnknown,
		}},
		{"containers", "/containerInstances", `{"id":"i%d","lifecycleState":%q,"timeCreated":"2026-10-01T00:00:00Z"}`, `{"items":[%s]}`, map[string]cloud.Status{
			"ACTIVE": cloud.StatusRunning, "CREATING": cloud.StatusStarting, "UPDATING": cloud.StatusStarting, "INACTIVE": cloud.StatusStopped,
			"DELETING": cloud.StatusStopping, "FAILED": cloud.StatusFailed, "DELETED": "", "NEW": cloud.StatusUnknown,
		}},
		{"oke", "/clusters", `{"id":"i%d","lifecycleState":%q}`, "[%s]", map[string]cloud.Status{
			"ACTIVE": cloud.StatusRunning, "CREATING": cloud.StatusStarting, "UPDATING": cloud.StatusRunning, "DELETING": cloud.StatusStopping,
			"FAILED": cloud.StatusFailed, "DELETED": "", "NEW": cloud.StatusUnknown,
		}},
		{"oke", "/nodePools", `{"id":"i%d","lifecycleState":%q}`, "[%s]", map[string]cloud.Status{
			"ACTIVE": cloud.StatusRunning, "NEEDS_ATTENTION": cloud.StatusRunning, "INACTIVE": cloud.StatusStopped, "DELETED": "",
		}},
		{"autonomous_db", "/autonomousDatabases", `{"id":"i%d","lifecycleState":%q,"dbName":"D"}`, "[%s]", map[string]cloud.Status{
			"AVAILABLE": cloud.StatusRunning, "AVAILABLE_NEEDS_ATTENTION": cloud.StatusRunning, "BACKUP_IN_PROGRESS": cloud.StatusRunning,
			"SCALE_IN_PROGRESS": cloud.StatusRunning, "UPDATING": cloud.StatusRunning, "MAINTENANCE_IN_PROGRESS": cloud.StatusRunning,
			"ROLE_CHANGE_IN_PROGRESS": cloud.StatusRunning, "UPGRADING": cloud.StatusRunning, "STANDBY": cloud.StatusRunning,
			"PROVISIONING": cloud.StatusStarting, "STARTING": cloud.StatusStarting, "RESTARTING": cloud.StatusStarting,
			"RECREATING": cloud.StatusStarting, "RESTORE_IN_PROGRESS": cloud.StatusStarting, "STOPPING": cloud.StatusStopping,
			"TERMINATING": cloud.StatusStopping, "STOPPED": cloud.StatusStopped, "UNAVAILABLE": cloud.StatusFailed,
			"RESTORE_FAILED": cloud.StatusFailed, "INACCESSIBLE": cloud.StatusFailed, "TERMINATED": "", "TRANSPORTING": cloud.StatusUnknown,
		}},
	} {
		states := slices.Sorted(maps.Keys(tt.want))
		var elements []string
		for i, s := range states {
			elements = append(elements, fmt.Sprintf(tt.element, i, s))
		}
		got := map[string]cloud.Status{}
		for _, r := range answered(t, tt.service, tt.path, fmt.Sprintf(tt.wrap, strings.Join(elements, ","))) {
			got[r.NativeStatus] = r.Status
		}
		for _, s := range states {
			if got[s] != tt.want[s] {
				t.Errorf("%s%s: %s is %q, want %q", tt.service, tt.path, s, got[s], tt.want[s])
			}
		}
	}
}

// TestAFailedListOfPoolsLeavesTheClusters: the two are asked at once.
func TestAFailedListOfPoolsLeavesTheClusters(t *testing.T) {
	t.Parallel()
	s := open(t, setup{count: 5, answer: func(r *http.Request) *http.Response {
		switch {
		case strings.HasSuffix(r.URL.Path, "/clusters"):
			return response(r, http.StatusOK, `[{"id":"c","lifecycleState":"ACTIVE"}]`)
		case strings.HasSuffix(r.URL.Path, "/nodePools"):
			return response(r, http.StatusInternalServerError, `{"code":"InternalServerError","message":"?"}`)
		}
		return nil
	}})
	q := cloud.Query{Service: "oke", Scope: cloud.Scope{Account: "acme", Region: "us-phoenix-1", Compartment: "prod"}}
	all, err := provider.Gather(s.conn.Driver().List(t.Context(), q))
	if len(all) != 1 || cloud.KindOf(err) == "" || !strings.Contains(err.Error(), "list node pools") {
		t.Errorf("got %d resources and %v, want the cluster and the error of the pools", len(all), err)
	}
}
