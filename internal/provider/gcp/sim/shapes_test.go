package gcpsim_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// part follows a path of object keys, nil where it ends early.
func part(v any, path ...string) any {
	for _, key := range path {
		in, _ := v.(map[string]any)
		v = in[key]
	}
	return v
}

func tail(v any) string {
	s, _ := v.(string)
	return s[strings.LastIndexByte(s, '/')+1:]
}

// shapes counts which of some kinds of objects there are, so that none of them is missing unseen.
type shapes map[string]int

func (s shapes) note(name string, is bool) {
	if is {
		s[name]++
	}
}

func (s shapes) mustHave(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if s[name] == 0 {
			t.Errorf("none is %s: %v", name, s)
		}
	}
}

func TestInstancesAreAsTheySay(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 500}})
	seen := shapes{}
	truth := map[string]sim.Resource{}
	for _, r := range a.Truth().Resources {
		truth[r.ID] = r
	}
	for _, p := range a.Truth().Accounts {
		_, body := a.get("compute.googleapis.com/compute/v1/projects/" + p + "/aggregated/instances")
		for zone, in := range body["items"].(map[string]any) {
			for _, v := range rows(map[string]any{"items": in.(map[string]any)["instances"]}, "items") {
				if "zones/"+tail(v["zone"]) != zone {
					t.Errorf("%v is under %s", v["name"], zone)
				}
				nic := v["networkInterfaces"].([]any)[0]
				nat := part(part(nic, "accessConfigs").([]any)[0], "natIP")
				if running := v["status"] == "RUNNING"; running != (nat != nil) || part(nic, "networkIP") == nil {
					t.Errorf("%v is %v and reached at %v", v["name"], v["status"], nat)
				}
				spot := part(v, "scheduling", "provisioningModel") == "SPOT"
				if spot != (part(v, "scheduling", "preemptible") == true) || spot != (part(v, "scheduling", "onHostMaintenance") == "TERMINATE") {
					t.Errorf("%v is rented as %v", v["name"], v["scheduling"])
				}
				attached, _ := v["guestAccelerators"].([]any)
				cards := 0.0
				for _, c := range attached {
					cards += part(c, "acceleratorCount").(float64)
				}
				r := truth[v["id"].(string)]
				if cards != 0 && cards != r.GPUCount {
					t.Errorf("%v names %v cards and has %v", v["name"], cards, r.GPUCount)
				}
				seen.note("spot", spot)
				seen.note("named cards", cards > 0)
				seen.note("cards that it does not name", cards == 0 && r.GPUCount > 0)
				seen.note("two disks", len(v["disks"].([]any)) == 2)
				seen.note("protected", v["deletionProtection"] == true)
				seen.note("without labels", v["labels"] == nil)
				seen.note("a machine of its own size", strings.Contains(tail(v["machineType"]), "custom"))
				seen.note("a shared core", tail(v["machineType"]) == "e2-medium")
			}
		}
	}
	seen.mustHave(t, "spot", "named cards", "cards that it does not name", "two disks", "protected", "without labels", "a machine of its own size", "a shared core")
}

func TestWhatIsManagedIsAsItSays(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 900}})
	seen := shapes{}
	for _, p := range a.Truth().Accounts {
		_, clusters := a.get("container.googleapis.com/v1/projects/" + p + "/locations/-/clusters")
		for _, k := range rows(clusters, "clusters") {
			ill := k["status"] == "ERROR" || k["status"] == "DEGRADED"
			if ill != (k["statusMessage"] != nil) || k["zone"] != k["location"] || k["currentNodeCount"].(float64) < 1 {
				t.Errorf("cluster %v is %v: %v", k["name"], k["status"], k["statusMessage"])
			}
			seen.note("autopilot", part(k, "autopilot", "enabled") == true)
			seen.note("standard", k["autopilot"] == nil)
			seen.note("regional", strings.Count(k["location"].(string), "-") == 1)
			seen.note("zonal", strings.Count(k["location"].(string), "-") == 2)
			seen.note("ill", ill)
		}
		_, functions := a.get("cloudfunctions.googleapis.com/v2/projects/" + p + "/locations/-/functions")
		for _, f := range rows(functions, "functions") {
			if bad := f["state"] == "FAILED" || f["state"] == "UNKNOWN"; bad != (f["stateMessages"] != nil) || !strings.HasPrefix(f["url"].(string), "https://") {
				t.Errorf("function %v is %v: %v", f["name"], f["state"], f["stateMessages"])
			}
			service, _ := part(f, "serviceConfig", "service").(string)
			if want := strings.Replace(f["name"].(string), "/functions/", "/services/", 1); f["environment"] == "GEN_2" && service != want ||
				f["environment"] == "GEN_1" && service != "" {
				t.Errorf("function %v of %v runs as %q", f["name"], f["environment"], service)
			}
			seen.note("first generation", f["environment"] == "GEN_1")
			seen.note("second generation", f["environment"] == "GEN_2")
		}
		for _, region := range []string{"us-central1", "europe-west4"} {
			_, services := a.get("run.googleapis.com/v2/projects/" + p + "/locations/" + region + "/services")
			for _, s := range rows(services, "services") {
				state := part(s, "terminalCondition", "state")
				if (state == "CONDITION_FAILED") != (part(s, "terminalCondition", "reason") != nil) || (state == "CONDITION_RECONCILING") != (s["reconciling"] == true) {
					t.Errorf("service %v is %v: %v", s["name"], state, s["terminalCondition"])
				}
				seen.note("failed to start", state == "CONDITION_FAILED")
			}
		}
		_, databases := a.get("sqladmin.googleapis.com/v1/projects/" + p + "/instances")
		for _, d := range rows(databases, "items") {
			if d["connectionName"] != p+":"+d["region"].(string)+":"+d["name"].(string) || !strings.HasPrefix(d["gceZone"].(string), d["region"].(string)) {
				t.Errorf("database %v: %v in %v", d["name"], d["connectionName"], d["gceZone"])
			}
			seen.note("asleep", part(d, "settings", "activationPolicy") == "NEVER" && d["state"] == "RUNNABLE")
			seen.note("awake", part(d, "settings", "activationPolicy") == "ALWAYS" && d["state"] == "RUNNABLE")
		}
	}
	seen.mustHave(t, "autopilot", "standard", "regional", "zonal", "ill", "first generation", "second generation", "failed to start", "asleep", "awake")
}

// TestPlacesNarrowLists asks for one place where "-" stands for all.
func TestPlacesNarrowLists(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 900}})
	p := a.Truth().Accounts[0]
	for _, c := range []struct{ before, after, field, place string }{
		{"container.googleapis.com/v1/projects/" + p + "/locations/", "/clusters", "clusters", "location"},
		{"container.googleapis.com/v1/projects/" + p + "/zones/", "/clusters", "clusters", "location"},
		{"cloudfunctions.googleapis.com/v2/projects/" + p + "/locations/", "/functions", "functions", "name"},
	} {
		at := func(row map[string]any) string {
			if c.place == "location" {
				return row["location"].(string)
			}
			return strings.Split(row["name"].(string), "/")[3]
		}
		_, whole := a.get(c.before + "-" + c.after)
		places := map[string]int{}
		for _, row := range rows(whole, c.field) {
			places[at(row)]++
		}
		if len(places) < 3 {
			t.Errorf("%s: everything is in %v", c.before, places)
		}
		for place, n := range places {
			_, one := a.get(c.before + place + c.after)
			if got := rows(one, c.field); len(got) != n || slices.ContainsFunc(got, func(row map[string]any) bool { return at(row) != place }) {
				t.Errorf("%s%s: got %d rows, want %d of there", c.before, place, len(got), n)
			}
		}
		if status, _ := a.get(c.before + "mars-west1" + c.after); status != http.StatusNotFound {
			t.Errorf("%smars-west1: got %d, want 404", c.before, status)
		}
	}
}

func TestQuotasOfARegionCountWhatRuns(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 300}})
	p := a.Truth().Accounts[0]
	base := "compute.googleapis.com/compute/v1/projects/" + p
	size := map[string]float64{}
	_, types := a.get(base + "/zones/us-central1-a/machineTypes")
	for _, m := range rows(types, "items") {
		size[m["name"].(string)] = m["guestCpus"].(float64)
	}
	used := map[string]float64{}
	_, vms := a.get(base + "/aggregated/instances")
	for _, v := range rows(vms, "instances") {
		if zone := tail(v["zone"]); v["status"] == "RUNNING" {
			used[zone[:len(zone)-2]] += size[tail(v["machineType"])]
		}
	}
	_, regions := a.get(base + "/regions")
	for _, r := range rows(regions, "items") {
		for _, q := range rows(r, "quotas") {
			if q["metric"] == "CPUS" && (q["usage"] != used[r["name"].(string)] || q["usage"].(float64) > q["limit"].(float64)) {
				t.Errorf("%v: %v CPUs are used of %v, and %v run", r["name"], q["usage"], q["limit"], used[r["name"].(string)])
			}
		}
	}
}

// TestAnswersHaveGooglesHeaders looks at what a client decides by before it reads a body.
func TestAnswersHaveGooglesHeaders(t *testing.T) {
	t.Parallel()
	d := newDoorway(t, sim.Options{Seed: 1})
	token := "Bearer " + d.token(t, platform)
	for _, c := range []struct {
		authorization string
		status        int
		challenge     bool
	}{{token, 200, false}, {"Bearer x", 401, true}, {"", 401, true}} {
		r := httptest.NewRequest(http.MethodGet, "https://cloudresourcemanager.googleapis.com/v3/projects:search?prettyPrint=false&alt=json&%24alt=json%3Benum-encoding%3Dint&quotaUser=x", nil)
		r.Header.Set("Authorization", c.authorization)
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		if w.Code != c.status || w.Header().Get("Content-Type") != "application/json; charset=UTF-8" || (w.Header().Get("Www-Authenticate") != "") != c.challenge {
			t.Errorf("%.10s: got %d with %v", c.authorization, w.Code, w.Header())
		}
	}
}

func TestTheQuotaOfComputeEngineComesBack(t *testing.T) {
	t.Parallel()
	d := newDoorway(t, sim.Options{Seed: 1})
	headers := map[string]string{"Authorization": "Bearer " + d.token(t, platform)}
	target := "compute.googleapis.com/compute/v1/projects/" + d.Truth().Accounts[0] + "/zones?fields=kind"
	refused := func(n int) (count int) {
		for range n {
			if status, _, reason := d.call(target, headers); status == http.StatusForbidden && reason == "rateLimitExceeded" {
				count++
			}
		}
		return count
	}
	if n := refused(760); n != 10 {
		t.Errorf("of 760 calls %d were refused, want 10", n)
	}
	d.wait(time.Minute)
	if n := refused(10); n != 0 {
		t.Errorf("a minute later %d of 10 are refused", n)
	}
}

// TestAnAPIThatIsOffIsOffInOneProject: the others go on.
func TestAnAPIThatIsOffIsOffInOneProject(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 80}, Incidents: true})
	truth := a.Truth()
	if !slices.Contains(truth.Accounts, "legal-vault-31") || len(truth.Denied) != 5 {
		t.Errorf("got accounts %v, denied %v", truth.Accounts, truth.Denied)
	}
	for _, p := range truth.Accounts {
		want := map[string]int{"dev-sandbox-4711": 403, "legal-vault-31": 403}[p]
		if want == 0 {
			want = 200
		}
		status, body := a.get("sqladmin.googleapis.com/v1/projects/" + p + "/instances")
		if status != want || (p == "dev-sandbox-4711") != strings.Contains(asJSON(body), "console.developers.google.com/apis/api/sqladmin.googleapis.com") {
			t.Errorf("%s: got %d %v, want %d", p, status, body, want)
		}
		if status, _ := a.get("container.googleapis.com/v1/projects/" + p + "/locations/-/clusters"); (status == 403) != (p == "legal-vault-31") {
			t.Errorf("%s: clusters answer %d", p, status)
		}
	}
}
