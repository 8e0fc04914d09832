package gcp_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// line writes all that is known of a resource.
func line(r *cloud.Resource) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %q in %q %s(%s)", r.Type, r.ID, r.Name, r.Region, r.Status, r.NativeStatus)
	if !r.CreatedAt.IsZero() {
		b.WriteString(" since " + r.CreatedAt.Format(time.RFC3339Nano))
	}
	for _, tag := range r.Tags {
		b.WriteString(" " + tag.Key + ":" + tag.Value)
	}
	if r.GPU != nil {
		fmt.Fprintf(&b, " %g x %s of %g GB", r.GPU.Count, r.GPU.Type, r.GPU.MemoryGB)
	}
	for _, a := range r.Attrs {
		if at, ok := a.Value.(time.Time); ok {
			a.Value = at.Format(time.RFC3339)
		}
		fmt.Fprintf(&b, " %s=%v", a.Name, a.Value)
	}
	return b.String()
}

// TestSamplesAreReadFieldByField lists each service from an answer that has every variant; see testdata/SOURCE.txt.
func TestSamplesAreReadFieldByField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		service, path, file string
		want                []string
		missing             []string // what the errors say
	}{
		{"compute", "/compute/v1/projects/p/aggregated/instances", "instances.json", []string{
			`instance 18446744073709551615 "t4" in "us-central1" running(RUNNING) since 2026-10-30T08:02:03Z env:prod team:データ 2 x T4 of 16 GB ` +
				`zone=us-central1-a machine_type=n1-standard-8 vcpus=8 memory_gb=30 provisioning_model=SPOT accelerator_type=nvidia-tesla-t4 ` +
				`internal_ips=[10.0.0.2 10.1.0.2] external_ips=[34.1.2.3] disk_size_gb=150 deletion_protection=true`,
			`instance 2 "bundled" in "us-central1" stopped(TERMINATED) 8 x H100 80GB of 80 GB zone=us-central1-a machine_type=a3-highgpu-8g vcpus=208 memory_gb=1872`,
			`instance 3 "bare" in "us-central1" unknown(A_NEW_WORD) zone=us-central1-a`,
			`instance 4 "number" in "us-east1" running(RUNNING) zone=us-east1-c machine_type=e2-medium vcpus=2 memory_gb=4 provisioning_model=PREEMPTIBLE ` +
				`disk_size_gb=20 started_at=2026-10-30T01:02:03Z`,
			`instance 5 "mistyped" in "us-east1" stopped(SUSPENDED) a: zone=us-east1-c`,
		}, []string{"zones/europe-west4-b: UNREACHABLE The scope did not answer.", "zones/asia-east1-a did not answer", "list instances of zones/us-east1-c: 2 of the list"}},
		{"gke", "/v1/projects/p/locations/-/clusters", "clusters.json", []string{
			`cluster europe-west4/prod "prod" in "europe-west4" running(RUNNING) since 2026-02-03T04:05:06Z env:prod team:web location=europe-west4 mode=standard ` +
				`version=1.34.1-gke.2037000 node_version=1.33.5-gke.1000 nodes=6 release_channel=REGULAR ` +
				`node_pools=[default e2-standard-4 gpu g2-standard-8 bare ?] zones=[europe-west4-a europe-west4-b] network=vpc`,
			`cluster us-central1-f/pilot "pilot" in "us-central1" running(RECONCILING) location=us-central1-f mode=autopilot nodes=3`,
			`cluster us-east1-b/sick "sick" in "us-east1" failed(DEGRADED) location=us-east1-b mode=standard status_message=IP space is exhausted.`,
			`cluster us-east1/new "new" in "us-east1" unknown(HIBERNATING) location=us-east1 mode=standard`,
			`cluster us-east1/mistyped "mistyped" in "us-east1" failed(ERROR) location=us-east1 mode=standard`,
		}, []string{"us-east1-d did not answer", "3 of the list: cannot be understood"}},
		{"functions", "/v2/projects/p/locations/-/functions", "functions.json", []string{
			`function projects/p/locations/europe-west1/functions/resize "resize" in "europe-west1" running(ACTIVE) since 2026-02-03T04:05:06.123456789Z team:データ ` +
				`generation=GEN_2 runtime=go125 entry_point=Handle memory=256Mi cpu=0.1666 timeout_seconds=60 min_instances=0 max_instances=100 ` +
				`event_type=google.cloud.storage.object.v1.finalized url=https://resize.example updated_at=2026-03-03T04:05:06Z`,
			`function projects/p/locations/us-central1/functions/old "old" in "us-central1" failed(FAILED) generation=GEN_1 state_message=Build failed.`,
			`function projects/p/locations/us-central1/functions/number "number" in "us-central1" starting(DEPLOYING) memory=268435456 cpu=1 timeout_seconds=540`,
			`function projects/p/locations/us-central1/functions/new "new" in "us-central1" unknown(PAUSED)`,
		}, []string{"projects/p/locations/asia-east1 did not answer"}},
		{"run", "/v2/projects/p/locations/us-east1/services", "services.json", []string{
			`service projects/p/locations/us-east1/services/checkout "checkout" in "us-east1" running(CONDITION_SUCCEEDED) since 2026-02-03T04:05:06.123456Z env:prod ` +
				`url=https://checkout.run.app image=eu.pkg.dev/a/b:7 cpu=1000m memory=512Mi min_instances=2 max_instances=50 ingress=INGRESS_TRAFFIC_ALL ` +
				`revision=checkout-00007-abc updated_at=2026-03-03T04:05:06Z`,
			`service projects/p/locations/us-east1/services/broken "broken" in "us-east1" failed(CONDITION_FAILED) reason=REVISION_FAILED message=It did not start.`,
			`service projects/p/locations/us-east1/services/gone "gone" in "us-east1" deleted(CONDITION_SUCCEEDED)`,
			`service projects/p/locations/us-east1/services/text "text" in "us-east1" starting(CONDITION_RECONCILING) cpu=2 max_instances=7`,
			`service projects/p/locations/us-east1/services/bare "bare" in "us-east1" unknown()`,
		}, []string{"projects/p/locations/us-east1 did not answer"}},
		{"sql", "/v1/projects/p/instances", "databases.json", []string{
			`database orders "orders" in "europe-west4" running(RUNNABLE) since 2026-02-03T04:05:06.789Z team:shop engine=POSTGRES_17 tier=db-custom-2-7680 ` +
				`edition=ENTERPRISE availability=REGIONAL zone=europe-west4-b role=CLOUD_SQL_INSTANCE disk_size_gb=250 disk_type=PD_SSD ` +
				`activation_policy=ALWAYS ips=[35.1.2.3 10.0.0.7]`,
			`database orders-replica "orders-replica" in "us-east1" running(RUNNABLE) role=READ_REPLICA_INSTANCE primary=p:orders activation_policy=ALWAYS`,
			`database asleep "asleep" in "us-east1" stopped(RUNNABLE) disk_size_gb=10 activation_policy=NEVER`,
			`database ill "ill" in "us-east1" failed(FAILED)`,
			`database bare "bare" in "" unknown(UPGRADING)`,
		}, []string{"us-west1: REGION_UNREACHABLE It does not answer.", "a part: MAX_RESULTS_EXCEEDS_LIMIT Too many.", "1 of the list"}},
	} {
		bodies := map[string]string{c.path: sample(t, c.file), "/v1/projects/p/locations": `{"locations":[{"locationId":"us-east1"}]}`}
		all, err := list(t, connect(t, answers(bodies), nil), c.service)
		var got []string
		for i := range all {
			got = append(got, line(&all[i]))
		}
		for i := range max(len(got), len(c.want)) {
			if i >= len(got) || i >= len(c.want) || got[i] != c.want[i] {
				t.Errorf("%s, %d:\n got %q\nwant %q", c.service, i, at(got, i), at(c.want, i))
			}
		}
		if cloud.KindOf(err) != cloud.KindPartial {
			t.Errorf("%s: got %v, want what is missing", c.service, err)
		}
		for _, want := range c.missing {
			if !strings.Contains(fmt.Sprint(err), want) {
				t.Errorf("%s: %q is not said: %v", c.service, want, err)
			}
		}
		if text := fmt.Sprint(got, err); strings.Contains(text, "MARKER-SECRET") || strings.Contains(text, "COMPROMISED") {
			t.Errorf("%s: what is nobody's business is in %s", c.service, text)
		}
	}
}

func at(all []string, i int) string {
	if i < len(all) {
		return all[i]
	}
	return "nothing"
}

func TestProjectsOfAnAnswerWithTraps(t *testing.T) {
	t.Parallel()
	conn := connect(t, answers(map[string]string{"/v3/projects:search": sample(t, "projects.json")}), nil)
	var got []string
	var errs []error
	for s, err := range conn.Scopes(t.Context()) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		got = append(got, s.Account+"="+s.AccountName)
	}
	if want := []string{"prod=Production", "nameless=", "データ=機械学習"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(errs) != 1 || cloud.KindOf(errs[0]) != cloud.KindPartial {
		t.Errorf("got %v, want one project that cannot be understood", errs)
	}
}

// TestAnswersThatAreNoListsFailClearly gives every service what cannot be understood at all.
func TestAnswersThatAreNoListsFailClearly(t *testing.T) {
	t.Parallel()
	paths := []string{
		"/compute/v1/projects/p/aggregated/instances", "/v1/projects/p/locations/-/clusters", "/v2/projects/p/locations/-/functions",
		"/v1/projects/p/locations", "/v1/projects/p/instances",
	}
	for _, body := range []string{`[]`, `{"items":7,"clusters":7,"functions":7,"locations":7}`, `<html>`, `{"items":`, ``} {
		bodies := map[string]string{}
		for _, p := range paths {
			bodies[p] = body
		}
		conn := connect(t, answers(bodies), nil)
		for _, service := range []string{"compute", "gke", "functions", "run", "sql"} {
			if all, err := list(t, conn, service); len(all) != 0 || (cloud.KindOf(err) != cloud.KindResponse && cloud.KindOf(err) != cloud.KindNetwork) {
				t.Errorf("%s of %q: got %d resources and %v, want an error of kind response", service, body, len(all), err)
			}
		}
	}
}

func TestEmptyAnswersAreEmptyLists(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `{"items":{},"clusters":[],"functions":[],"locations":[]}`, `{"items":null,"clusters":null,"functions":null,"locations":null}`} {
		conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := body
			if r.Host == "sqladmin.googleapis.com" {
				answer = strings.ReplaceAll(body, `"items":{}`, `"items":[]`)
			}
			answers(map[string]string{r.URL.Path: answer})(w, r)
		}), nil)
		for _, service := range []string{"compute", "gke", "functions", "run", "sql"} {
			if all, err := list(t, conn, service); len(all) != 0 || err != nil {
				t.Errorf("%s of %s: got %d resources and %v, want none", service, body, len(all), err)
			}
		}
	}
}
